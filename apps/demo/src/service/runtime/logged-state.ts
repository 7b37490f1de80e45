/** Logs why the state of layers 1 to 3 is not saved: payments are refused meanwhile, and the answers name no cause. */
import type { StateStore } from "../../pipeline/index.js";
import { systemFault } from "./ask-database.js";

/** Wraps a store so that the first of several failed saves, and the first good one after them, are a line of the log. */
export function loggedState(store: StateStore, log: (text: string) => void): StateStore {
  let isFailing = false;
  function failed(error: unknown): never {
    if (!isFailing)
      log(`the state cannot be saved (${systemFault(error)}): payments are refused until it can`);
    isFailing = true;
    throw error;
  }
  function saved(): void {
    if (isFailing) log("the state is saved again");
    isFailing = false;
  }
  return Object.freeze({
    load: () => store.load(),
    save(text) {
      try {
        const saving = store.save(text);
        return saving === undefined ? saved() : saving.then(saved, failed);
      } catch (error) {
        return failed(error);
      }
    },
  } satisfies StateStore);
}
