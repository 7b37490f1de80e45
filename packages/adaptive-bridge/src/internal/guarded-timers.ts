/** Timers whose failures stay here: what they return may be a promise that rejects. */
import type { Timers } from "../ports.js";
import { ignoreErrors } from "./with-timeout.js";

/** The same timers; what they throw is thrown, for the caller to wait for another occasion. */
export function guardTimers(timers: Timers): Timers {
  return Object.freeze({
    soon(task: () => void): void {
      const answer: unknown = timers.soon(task);
      ignoreErrors(() => answer);
    },
    after(ms: number, task: () => void): () => void {
      const cancel: unknown = timers.after(ms, task);
      ignoreErrors(() => cancel);
      return () => ignoreErrors(() => (cancel as () => unknown)());
    },
  });
}
