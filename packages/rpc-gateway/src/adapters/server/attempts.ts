/** What this process knows of its own attempts to pay. */
import type { Execution, NotExecuted } from "../../hook.js";

/** A moment by both clocks, in milliseconds: the wall clock since 1970, which can step, and one that only runs. */
export type Moment = Readonly<{ wallMs: number; monotonicMs: number }>;

/** Whether a moment is later than another by both clocks: a step of the wall clock makes nothing later. */
export const isLater = (a: Moment, b: Moment): boolean =>
  a.wallMs > b.wallMs && a.monotonicMs > b.monotonicMs;

/** Before everything. */
export const NEVER: Moment = Object.freeze({ wallMs: -Infinity, monotonicMs: -Infinity });

/** An attempt that is over, whatever became of it. */
export type EndedAttempt = Readonly<{
  at: Moment;
  /** Process of the node that may have got the call; undefined where it cannot be told from others. */
  instance: string | undefined;
  /** Whether it was the same one when the attempt began. */
  isOneInstance: boolean;
}>;

/** What certainly became of an attempt, which the hook has not recorded. */
export type Unrecorded = Execution | NotExecuted;

/** Attempts of one process. */
export type Attempts = Readonly<{
  /** Begins to send or to settle a payment; false where one of the same identity is under way. */
  begin(paymentId: string): boolean;
  end(paymentId: string): void;
  /** Nothing more will be sent for a reservation. */
  ended(handle: string, attempt: EndedAttempt): void;
  /** Undefined where this process did not try, or may still be trying. */
  endOf(handle: string): EndedAttempt | undefined;
  /** The hook failed to record an outcome. */
  unrecorded(handle: string, outcome: Unrecorded): void;
  /** Undefined where the outcome was recorded, or is not certain. */
  outcomeOf(handle: string): Unrecorded | undefined;
  forget(handle: string): void;
}>;

/** Most handles that are kept, the newest. */
const MOST = 10_000;

/** Makes the record; it is in memory, and what it lacks is never proof of anything. */
export function createAttempts(): Attempts {
  const underWay = new Set<string>();
  const ends = new Map<string, EndedAttempt>();
  const outcomes = new Map<string, Unrecorded>();
  return {
    begin(id) {
      if (underWay.has(id)) return false;
      underWay.add(id);
      return true;
    },
    end: (id) => void underWay.delete(id),
    ended: (handle, attempt) => keep(ends, handle, attempt),
    endOf: (handle) => ends.get(handle),
    unrecorded: (handle, outcome) => keep(outcomes, handle, outcome),
    outcomeOf: (handle) => outcomes.get(handle),
    forget(handle) {
      ends.delete(handle);
      outcomes.delete(handle);
    },
  };
}

function keep<T>(map: Map<string, T>, handle: string, value: T): void {
  map.set(handle, value);
  const [oldest] = map.keys();
  if (map.size > MOST && oldest !== undefined) map.delete(oldest);
}
