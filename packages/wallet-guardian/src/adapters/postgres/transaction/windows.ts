/** Questions of the PostgreSQL ledger about windows: sums that were read, and when there is room again. */
import { type CountedEntry, entryOf, NO_SUMS, plus, type Sums } from "../../../ledger/sums.js";
import { counted, isOver, withoutOwn } from "../../../ledger/prefix-sums.js";
import type { StoredWithdrawal, UsageRead } from "../../../ports.js";
import type { Scope } from "../../../scopes.js";
import type { PostgresJournal, PostgresScope } from "./scope.js";

/** When a step asks, and what of its own payment is left out. */
export type Moment = Readonly<{ nowMs: number; own: readonly StoredWithdrawal[] }>;

/** What a payment's own rows count in a scope. */
export const ownEntries = (scope: Scope, { own }: Moment): CountedEntry[] =>
  own.filter((row) => belongs(row, scope)).flatMap((row) => entryOf(row) ?? []);

const belongs = (row: StoredWithdrawal, { type, id }: Scope): boolean =>
  type === "global" || id === (type === "account" ? row.account_id : row.wallet_id);

/** Sums of a journal after a time; undefined where they were not read. */
function sumsAfter(journal: PostgresJournal, afterMs: number): Sums | undefined {
  const latest = journal.latestMs();
  return latest === null || latest <= afterMs ? NO_SUMS : journal.sums.get(afterMs);
}

/** What counts in a window; undefined where it was not read. */
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

/** What `free_at` is asked, as text, so that the same question is recognised. */
export const roomQuestion = (
  { key }: PostgresScope,
  asked: UsageRead,
  { nowMs, own }: Readonly<{ nowMs: number; own: readonly CountedEntry[] }>,
): string =>
  JSON.stringify({
    scope: key,
    now_ms: nowMs,
    window_ms: asked.window_ms,
    with_asked: asked.with_asked,
    keep_amount: asked.keep_amount === null ? null : String(asked.keep_amount),
    keep_count: asked.keep_count,
    own: own.map(({ channel, at_ms, sums }) => {
      const { amount, count } = counted(sums, asked);
      return { channel, at_ms, amount: String(amount), count };
    }),
  });

/** Whether a window that was read is full already, so that its room is asked for ahead. */
export function isFull(
  scope: PostgresScope,
  asked: UsageRead,
  moment: Readonly<{ nowMs: number; own: readonly CountedEntry[] }>,
): boolean {
  const sums = windowSums(scope, asked, moment);
  return sums !== undefined && isOver(counted(sums, asked), asked);
}
