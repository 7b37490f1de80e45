/** The last ALLOW of a scope, and the last one of any other payment: enough to leave any one payment out. */
import type { StoredWithdrawal } from "../ports.js";

/** Times of the two last ALLOWs that are of different payments. */
export type LastAllows = Readonly<{
  last_allow_id: string | null;
  last_allow_ms: number | null;
  /** The last ALLOW of any payment but `last_allow_id`. */
  other_allow_ms: number | null;
}>;

/** No ALLOW yet. */
export const NO_ALLOWS: LastAllows = Object.freeze({
  last_allow_id: null,
  last_allow_ms: null,
  other_allow_ms: null,
});

/** The last ALLOW of a payment other than `own`. */
export const lastAllowBut = (allows: LastAllows, own: string | null): number | null =>
  own !== null && own === allows.last_allow_id ? allows.other_allow_ms : allows.last_allow_ms;

/** Takes note of a payment's last ALLOW; the same object where it changes nothing. */
export function noteAllow(allows: LastAllows, withdrawal: StoredWithdrawal): LastAllows {
  const { payment_id: id, allowed_at_ms: at } = withdrawal;
  const { last_allow_id, last_allow_ms: last, other_allow_ms: other } = allows;
  if (at === null) return allows;
  if (last === null || id === last_allow_id) {
    return last !== null && at <= last
      ? allows
      : { ...allows, last_allow_id: id, last_allow_ms: at };
  }
  if (at >= last) return { last_allow_id: id, last_allow_ms: at, other_allow_ms: last };
  return other !== null && at <= other ? allows : { ...allows, other_allow_ms: at };
}

/** ALLOWs of the future, dated now. */
export const redateAllows = (allows: LastAllows, nowMs: number): LastAllows => ({
  ...allows,
  last_allow_ms: earlier(allows.last_allow_ms, nowMs),
  other_allow_ms: earlier(allows.other_allow_ms, nowMs),
});

/** A time, or now where it lies in the future. */
export const earlier = <T extends number | null>(at: T, nowMs: number): T | number =>
  at === null ? at : Math.min(at, nowMs);
