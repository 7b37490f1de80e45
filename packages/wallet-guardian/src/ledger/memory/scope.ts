/** One scope of the memory ledger: its journals of running sums, its time, its last ALLOWs, its attempts. */
import { type LastAllows, NO_ALLOWS } from "../last-allow-times.js";
import { type Entry, NO_SUMS, plus, type Sums } from "../sums.js";
import { BUCKET_LEVELS, bucketOf, type Journal, type Journals } from "../prefix-sums.js";

/** A scope as the memory ledger keeps it. */
export type MemoryScope = {
  readonly journals: Journals<Journal & Redatable>;
  readonly attempts: number[];
  time_ms: number;
  allows: LastAllows;
};

/** A journal whose entries after a time can be dated that. */
export type Redatable = Readonly<{ redate: (latestMs: number) => void }>;

/** A scope that nothing has touched yet. */
export const newScope = (): MemoryScope => ({
  journals: { main: createJournal(), reserved: createJournal() },
  attempts: [],
  time_ms: 0,
  allows: NO_ALLOWS,
});

function createJournal(): Journal & Redatable {
  const entries: Entry[] = [];
  let buckets = new Map<string, Sums>();
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
    redate(nowMs) {
      const newest = entries.at(-1);
      entries.splice(firstAfter(entries, nowMs));
      if (newest !== undefined && newest.at_ms > nowMs) {
        if (entries.at(-1)?.at_ms === nowMs) entries.pop();
        entries.push({ at_ms: nowMs, sums: newest.sums });
      }
      if (corrected === null || corrected <= nowMs) return;
      buckets = redatedBuckets(buckets, nowMs);
      corrected = nowMs;
    },
  };
}

/** Buckets whose future was added to the ones of now, on each level. */
function redatedBuckets(buckets: ReadonlyMap<string, Sums>, nowMs: number): Map<string, Sums> {
  const redated = new Map<string, Sums>();
  for (const [key, sums] of buckets) {
    const [level = 0, bucket = 0] = key.split(":").map(Number);
    const at = `${level}:${Math.min(bucket, bucketOf(nowMs, level))}`;
    redated.set(at, plus(redated.get(at) ?? NO_SUMS, sums));
  }
  return redated;
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
