import { createMemorySequenceStore } from "../../src/adapters/signing/index.js";
import { describeSequenceStore } from "../support/sequence-store/contract.js";

describeSequenceStore("memory", () => {
  const store = createMemorySequenceStore();
  return Promise.resolve({
    store,
    again: () => Promise.resolve(store),
    close: () => Promise.resolve(),
  });
});
