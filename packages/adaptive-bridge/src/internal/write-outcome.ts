/** Reads the result of a sink's write; it may be anything. */
import type { WriteResult } from "../ports.js";
import type { Outcome } from "./with-timeout.js";
import { describeError } from "./describe-error.js";
import { memberOf } from "./own.js";

const MAX_PAUSE_MS = 2 ** 31 - 1;

/** What became of a batch of `count` events, in bounds. */
export type Verdict = Readonly<{
  done: number;
  refused: number;
  pauseMs: number;
  reason: string | null;
}>;

/** All of it was delivered, unless `value` is a `WriteResult` with less. */
function verdictOf(value: unknown, count: number): Verdict {
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
    pauseMs: within(read("pause_ms"), MAX_PAUSE_MS),
    reason: reason === undefined ? null : describeError(reason),
  };
}

/** The outcome of a write with its verdict in place of whatever the sink returned. */
export type Judged =
  Readonly<{ status: "done"; verdict: Verdict }> | Exclude<Outcome, { status: "done" }>;

/** Reads the result of a write that ended; a result that throws when it is read is a failure. */
export function judge(outcome: Outcome, count: number): Judged {
  if (outcome.status !== "done") return outcome;
  try {
    return { status: "done", verdict: verdictOf(outcome.value, count) };
  } catch (error) {
    return { status: "failed", error };
  }
}

const within = (value: unknown, max: number): number =>
  typeof value === "number" && value > 0 ? Math.min(value, max) : 0;
