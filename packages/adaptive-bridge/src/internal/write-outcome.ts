/** Classifies the result of a sink's write, which may be anything. */
import type { WriteResult } from "../ports.js";
import type { TimedOutcome } from "./with-timeout.js";
import { describeError } from "./describe-error.js";
import { memberOf } from "./own.js";

const MAX_PAUSE_MS = 2 ** 31 - 1;

/** What a sink did with a batch of `count` events, in bounds. */
export type WriteOutcome = Readonly<{
  done: number;
  refused: number;
  pauseMs: number;
  reason: string | null;
}>;

/** Reads a returned value: all is delivered, unless it is a `WriteResult` with less. */
function writeOutcomeOf(value: unknown, count: number): WriteOutcome {
  const all = { done: count, refused: 0, pauseMs: 0, reason: null };
  if (typeof value !== "object" || value === null) return all;
  const read = (key: keyof WriteResult): unknown => memberOf(value, key);
  const done = read("done");
  if (!Number.isInteger(done)) return all;
  const reason = read("reason");
  const settled = within(done, count);
  return {
    done: settled,
    refused: within(read("refused"), settled),
    pauseMs: within(read("pauseMs"), MAX_PAUSE_MS),
    reason: reason === undefined ? null : describeError(reason),
  };
}

/** The outcome of a write, with the checked result in place of what the sink returned. */
export type ClassifiedOutcome =
  Readonly<{ status: "done"; written: WriteOutcome }> | Exclude<TimedOutcome, { status: "done" }>;

/** Classifies the outcome of a write; a result that throws when it is read is a failure. */
export function classify(outcome: TimedOutcome, count: number): ClassifiedOutcome {
  if (outcome.status !== "done") return outcome;
  try {
    return { status: "done", written: writeOutcomeOf(outcome.value, count) };
  } catch (error) {
    return { status: "failed", error };
  }
}

const within = (value: unknown, max: number): number =>
  typeof value === "number" && value > 0 ? Math.min(value, max) : 0;
