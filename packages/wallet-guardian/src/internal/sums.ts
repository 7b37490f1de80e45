/** What counts in a window, summed: exact over bigint, and signed, so that a change is a sum too. */
import type { StoredWithdrawal } from "../ports.js";

/** Amounts in base units and numbers of withdrawals. */
export type Sums = Readonly<{
  allowed: bigint;
  allowed_count: number;
  asked: bigint;
  asked_count: number;
}>;

/** Nothing. */
export const NO_SUMS: Sums = Object.freeze({
  allowed: 0n,
  allowed_count: 0,
  asked: 0n,
  asked_count: 0,
});

/** One sum and another. */
export const plus = (a: Sums, b: Sums): Sums => ({
  allowed: a.allowed + b.allowed,
  allowed_count: a.allowed_count + b.allowed_count,
  asked: a.asked + b.asked,
  asked_count: a.asked_count + b.asked_count,
});

/** One sum without another. */
export const minus = (a: Sums, b: Sums): Sums => ({
  allowed: a.allowed - b.allowed,
  allowed_count: a.allowed_count - b.allowed_count,
  asked: a.asked - b.asked,
  asked_count: a.asked_count - b.asked_count,
});

/** What one withdrawal counts as, and since when. */
export type Entry = Readonly<{ at_ms: number; sums: Sums }>;

/** The entry of a withdrawal; null where there is none, or it counts as nothing. */
export function entryOf(withdrawal: StoredWithdrawal | null): Entry | null {
  if (withdrawal === null || withdrawal.counted_at_ms === null) return null;
  const { counts, counted_at_ms: at_ms, amount } = withdrawal;
  if (counts === "allowed")
    return { at_ms, sums: { ...NO_SUMS, allowed: amount, allowed_count: 1 } };
  if (counts === "asked") return { at_ms, sums: { ...NO_SUMS, asked: amount, asked_count: 1 } };
  return null;
}

/** Whether two entries count the same. */
export const isSameEntry = (a: Entry | null, b: Entry | null): boolean =>
  a === b ||
  (a !== null &&
    b !== null &&
    a.at_ms === b.at_ms &&
    a.sums.allowed === b.sums.allowed &&
    a.sums.asked === b.sums.asked);
