/** When a rolling window has room again: one walk for every ledger. */
import type { UsageRead } from "../ports.js";

/** One withdrawal that counts in a window. */
export type Entry = Readonly<{ at_ms: number; amount: bigint }>;

/**
 * When enough will have left a window for what may be kept in it.
 *
 * @param newestFirst the entries that count, newest first
 * @returns null when there is room now; amounts that never fit leave only the count to wait for
 */
export function freeAt(newestFirst: Iterable<Entry>, read: UsageRead): number | null {
  const { window_ms, keep_amount, keep_count } = read;
  let amount = 0n;
  let count = 0;
  for (const entry of newestFirst) {
    amount += entry.amount;
    count += 1;
    const over =
      (keep_amount !== null && amount > keep_amount) || (keep_count !== null && count > keep_count);
    if (over) return entry.at_ms + window_ms;
  }
  return null;
}
