/** One scope of the memory ledger: its journal of running sums, its time, its last ALLOWs, its attempts. */
import { type LastAllows, NO_ALLOWS } from "./last-allows.js";
import { type Entry, NO_SUMS, plus, type Sums } from "./sums.js";
import { BUCKET_LEVELS, bucketOf, type Journal } from "./window-journal.js";

/** A scope as the memory ledger keeps it. */
export type MemoryScope = {
  readonly journal: Journal;
  readonly attempts: number[];
  time_ms: number;
  allows: LastAllows;
};

/** A scope that nothing has touched yet. */
export const newScope = (): MemoryScope => ({
  journal: createJournal(),
  attempts: [],
  time_ms: 0,
  allows: NO_ALLOWS,
});

function createJournal(): Journal {
  const entries: Entry[] = [];
  const buckets = new Map<string, Sums>();
  let corrected: number | null = null;
  return {
    newest: () => entries.at(-1) ?? null,
    correctedMs: () => corrected,
    through: (atMs) => entries[firstAfter(entries, atMs) - 1]?.sums ?? NO_SUMS,
    put(entry) {
      if (entries.at(-1)?.at_ms === entry.at_ms) entries.pop();
      entries.push(entry);
    },
    corrections(level, first, last) {
      let sum = NO_SUMS;
      for (let bucket = first; bucket <= last; bucket++) {
        sum = plus(sum, buckets.get(`${level}:${bucket}`) ?? NO_SUMS);
      }
      return sum;
    },
    correct({ at_ms, sums }) {
      for (let level = 0; level < BUCKET_LEVELS; level++) {
        const key = `${level}:${bucketOf(at_ms, level)}`;
        buckets.set(key, plus(buckets.get(key) ?? NO_SUMS, sums));
      }
      corrected = Math.max(corrected ?? 0, at_ms);
    },
  };
}

/** Index of the first entry after a time. */
function firstAfter(entries: readonly Entry[], atMs: number): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = entries[middle]?.at_ms ?? Infinity;
    if (at <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
