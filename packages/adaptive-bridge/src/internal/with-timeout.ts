/** Runs a sink's code with a timeout and contains its failures: it may throw, reject, hang or settle twice. */
import type { Timers } from "../ports.js";

/** Result of a call; `settled` resolves when a call that timed out ends after all. */
export type TimedOutcome =
  | Readonly<{ status: "done"; value: unknown }>
  | Readonly<{ status: "failed"; error: unknown }>
  | Readonly<{ status: "timed_out"; settled: Promise<unknown> }>;

/**
 * Runs `work`, and waits for at most `ms` milliseconds.
 *
 * @returns a promise that never rejects
 */
export async function withTimeout(
  work: () => unknown,
  ms: number,
  after: Timers["after"],
): Promise<TimedOutcome> {
  try {
    return await race(work, ms, after);
  } catch (error) {
    return { status: "failed", error };
  }
}

function race(work: () => unknown, ms: number, after: Timers["after"]): Promise<TimedOutcome> {
  return new Promise<TimedOutcome>((resolve) => {
    const cancel = after(ms, () => {
      resolve({ status: "timed_out", settled: finished });
    });
    const finished = outcomeOf(work);
    void finished.then((outcome) => {
      resolve(outcome);
      ignoreErrors(cancel);
    });
  });
}

async function outcomeOf(work: () => unknown): Promise<TimedOutcome> {
  try {
    return { status: "done", value: await work() };
  } catch (error) {
    return { status: "failed", error };
  }
}

/** Calls `task`, ignoring what it throws, and what a promise that it returns rejects with. */
export function ignoreErrors(task: () => unknown): void {
  try {
    const value = task();
    if ((typeof value === "object" && value !== null) || typeof value === "function") {
      void settled(value);
    }
  } catch {
    return;
  }
}

/** Waits for a promise of any realm, or any other value with a `then`. */
async function settled(value: unknown): Promise<void> {
  try {
    await value;
  } catch {
    return;
  }
}
