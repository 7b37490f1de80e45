/** Windows of the PostgreSQL ledger: sums that were read, and when a request would fit. */
import { type CountedEntry, entryOf, NO_SUMS, plus, type Sums } from "../../../ledger/sums.js";
import { counted, isOver, withoutOwn } from "../../../ledger/prefix-sums.js";
import type { StoredWithdrawal, UsageRead } from "../../../ports.js";
import type { Scope } from "../../../scopes.js";
import type { PostgresJournal, PostgresScope } from "./scope.js";

/** The time of a step, and the entries of its own payment. */
export type Moment = Readonly<{ nowMs: number; own: readonly StoredWithdrawal[] }>;

/** Lists the entries of a payment's own rows in a scope. */
export const ownEntries = (scope: Scope, { own }: Moment): CountedEntry[] =>
  own.filter((row) => belongs(row, scope)).flatMap((row) => entryOf(row) ?? []);

const belongs = (row: StoredWithdrawal, { type, id }: Scope): boolean =>
  type === "global" || id === (type === "account" ? row.account_id : row.wallet_id);

/** Reads the sums of a journal after a time; undefined where they were not read. */
function sumsAfter(journal: PostgresJournal, afterMs: number): Sums | undefined {
  const latest = journal.latestMs();
  return latest === null || latest <= afterMs ? NO_SUMS : journal.sums.get(afterMs);
}

/** Sums a window; undefined where it was not read. */
export function windowSums(
  { journals }: PostgresScope,
  { window_ms: windowMs }: UsageRead,
  { nowMs, own }: Readonly<{ nowMs: number; own: readonly CountedEntry[] }>,
): Sums | undefined {
  const main = sumsAfter(journals.main, nowMs - windowMs);
  const reserved = sumsAfter(journals.reserved, nowMs);
  if (main === undefined || reserved === undefined) return undefined;
  return withoutOwn(plus(main, reserved), own, { nowMs, windowMs });
}

/** Writes the argument of `free_at` as text, so that equal arguments are recognised. */
export const roomQuestion = (
  { key }: PostgresScope,
  read: UsageRead,
  { nowMs, own }: Readonly<{ nowMs: number; own: readonly CountedEntry[] }>,
): string =>
  JSON.stringify({
    scope: key,
    now_ms: nowMs,
    window_ms: read.window_ms,
    with_asked: read.include_requested,
    keep_amount: read.keep_amount === null ? null : String(read.keep_amount),
    keep_count: read.keep_count,
    own: own.map(({ channel, at_ms, sums }) => {
      const { amount, count } = counted(sums, read);
      return { channel, at_ms, amount: String(amount), count };
    }),
  });

/** Checks whether a window that was read is full already, so that its `free_at` is read ahead. */
export function isFull(
  scope: PostgresScope,
  read: UsageRead,
  moment: Readonly<{ nowMs: number; own: readonly CountedEntry[] }>,
): boolean {
  const sums = windowSums(scope, read, moment);
  return sums !== undefined && isOver(counted(sums, read), read);
}
