/** Sums what counts in a window: exact over bigint, and signed, so that a change is a sum too. */
import type { StoredWithdrawal } from "../ports.js";

/** Amounts in base units and numbers of withdrawals. */
export type Sums = Readonly<{
  allowed: bigint;
  allowed_count: number;
  requested: bigint;
  requested_count: number;
}>;

/** Nothing. */
export const NO_SUMS: Sums = Object.freeze({
  allowed: 0n,
  allowed_count: 0,
  requested: 0n,
  requested_count: 0,
});

/** One sum and another. */
export const plus = (a: Sums, b: Sums): Sums => ({
  allowed: a.allowed + b.allowed,
  allowed_count: a.allowed_count + b.allowed_count,
  requested: a.requested + b.requested,
  requested_count: a.requested_count + b.requested_count,
});

/** One sum without another. */
export const minus = (a: Sums, b: Sums): Sums => ({
  allowed: a.allowed - b.allowed,
  allowed_count: a.allowed_count - b.allowed_count,
  requested: a.requested - b.requested,
  requested_count: a.requested_count - b.requested_count,
});

/** An entry of a journal at a time. */
export type Entry = Readonly<{ at_ms: number; sums: Sums }>;

/** The journals of a scope: `main` by the time from which a window runs, `reserved` by the time at which a reservation ends. */
export const CHANNELS = ["main", "reserved"] as const;
export type Channel = (typeof CHANNELS)[number];

/** The entry of one withdrawal, and its journal. */
export type CountedEntry = Entry & Readonly<{ channel: Channel }>;

/** The entry of a withdrawal; null where there is none, or it counts as nothing. */
export function entryOf(withdrawal: StoredWithdrawal | null): CountedEntry | null {
  if (withdrawal === null || withdrawal.counted_at_ms === null) return null;
  const { counts, counted_at_ms: at_ms, amount } = withdrawal;
  switch (counts) {
    case "allowed":
      return {
        channel: "main",
        at_ms,
        sums: { ...NO_SUMS, allowed: amount, allowed_count: 1 },
      };
    case "reserved":
      return {
        channel: "reserved",
        at_ms,
        sums: { ...NO_SUMS, allowed: amount, allowed_count: 1 },
      };
    case "asked":
      return {
        channel: "main",
        at_ms,
        sums: { ...NO_SUMS, requested: amount, requested_count: 1 },
      };
    case "nothing":
      return null;
  }
}

/** Checks whether two entries count the same. */
export const isSameEntry = (a: CountedEntry | null, b: CountedEntry | null): boolean =>
  a === b ||
  (a !== null &&
    b !== null &&
    a.channel === b.channel &&
    a.at_ms === b.at_ms &&
    a.sums.allowed === b.sums.allowed &&
    a.sums.requested === b.sums.requested);
