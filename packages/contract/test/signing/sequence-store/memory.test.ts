import { createMemorySequenceStore } from "../../../src/adapters/signing.js";
import { describeSequenceStore } from "./contract.js";

describeSequenceStore("memory", () => {
  const store = createMemorySequenceStore();
  return Promise.resolve({
    store,
    again: () => Promise.resolve(store),
    close: () => Promise.resolve(),
  });
});
