/**
 * Exact sums over any rolling window in logarithmic time, whatever the ledger (design, section 7; decision 9).
 *
 * A journal has one running sum for each millisecond at which something is entered, in the order of
 * time: what counts after a time is the newest running sum minus the one at that time. What changes
 * later at an earlier time (a release, a repeated request of the same id, a shorter claim) is a correction: it is kept in
 * buckets of 64^0, 64^1, … 64^6 ms, of which any span covers fewer than 64 on each level.
 *
 * A scope has two journals. In `main` an entry at t counts while now − t < window; t may lie ahead. In
 * `reserved` an entry at t counts in every window while now < t.
 */
import type { StoredWithdrawal, Usage, UsageRead } from "../ports.js";
import {
  type Channel,
  type CountedEntry,
  type Entry,
  entryOf,
  isSameEntry,
  minus,
  NO_SUMS,
  plus,
  type Sums,
} from "./sums.js";

/** Buckets of one level that make one of the next. */
const BUCKET_FANOUT = 64;

/** Levels of buckets; one of the highest spans 2.2 years. */
export const BUCKET_LEVELS = 7;

/** Receives the entries of a journal. */
export interface JournalWriter {
  /** Running sum up to the newest entry, and its time; null: nothing was ever entered. */
  newest(): Entry | null;
  /** Enters the running sum up to a time, the newest one or later. */
  put(entry: Entry): void;
  /** Adds a correction at a time, in one bucket a level. */
  correct(entry: Entry): void;
}

/** One journal, as its ledger stores it. */
export interface Journal extends JournalWriter {
  /** Time of the latest correction; null: there is none. */
  correctedMs(): number | null;
  /** Running sum of the entries at or before a time that is earlier than the newest one. */
  through(atMs: number): Sums;
  /** Sum of the corrections in the buckets `first` to `last` of one level. */
  corrections(level: number, first: number, last: number): Sums;
}

/** Both journals of a scope. */
export type Journals<J extends JournalWriter = Journal> = Readonly<Record<Channel, J>>;

/** The bucket of a level that a time falls in. */
export const bucketOf = (atMs: number, level: number): number =>
  Math.floor(atMs / BUCKET_FANOUT ** level);

/** Enters that a withdrawal counts otherwise than before. */
export function journalChange(
  journals: Journals<JournalWriter>,
  before: StoredWithdrawal | null,
  after: StoredWithdrawal,
): void {
  const [old, next] = [entryOf(before), entryOf(after)];
  if (isSameEntry(old, next)) return;
  if (old !== null) {
    enter(journals[old.channel], { at_ms: old.at_ms, sums: minus(NO_SUMS, old.sums) });
  }
  if (next !== null) enter(journals[next.channel], next);
}

function enter(journal: JournalWriter, { at_ms, sums }: Entry): void {
  const newest = journal.newest();
  if (newest !== null && at_ms < newest.at_ms) journal.correct({ at_ms, sums });
  else journal.put({ at_ms, sums: plus(newest?.sums ?? NO_SUMS, sums) });
}

/** Sums what counts after a time. */
function sumAfter(journal: Journal, afterMs: number): Sums {
  const newest = journal.newest();
  const entered =
    newest === null || newest.at_ms <= afterMs
      ? NO_SUMS
      : minus(newest.sums, journal.through(afterMs));
  const corrected = journal.correctedMs();
  return corrected === null || corrected <= afterMs
    ? entered
    : plus(entered, correctionsAfter(journal, afterMs, corrected));
}

/** On each level the buckets that begin after the time, up to where the next level takes over. */
function correctionsAfter(journal: Journal, afterMs: number, correctedMs: number): Sums {
  let sum = NO_SUMS;
  for (let level = 0; level < BUCKET_LEVELS; level++) {
    const first = bucketOf(afterMs, level) + 1;
    const end =
      level === BUCKET_LEVELS - 1
        ? Infinity
        : (bucketOf(afterMs, level + 1) + 1) * BUCKET_FANOUT - 1;
    const last = Math.min(end, bucketOf(correctedMs, level));
    if (first <= last) sum = plus(sum, journal.corrections(level, first, last));
  }
  return sum;
}

/** One window to sum: when, and without which entries. */
export type WindowQuestion = Readonly<{
  read: UsageRead;
  nowMs: number;
  own: readonly CountedEntry[];
}>;

/** Sums one window, and computes when the request would fit. */
export function windowUsage(journals: Journals, { read, nowMs, own }: WindowQuestion): Usage {
  const totalAt = (ms: number): Sums =>
    withoutOwn(
      plus(sumAfter(journals.main, ms - read.window_ms), sumAfter(journals.reserved, ms)),
      own,
      { nowMs: ms, windowMs: read.window_ms },
    );
  const usage = counted(totalAt(nowMs), read);
  if (!isOver(usage, read)) return { ...usage, free_at_ms: null };
  const empty = Math.max(
    latestOf(journals.main) + read.window_ms,
    latestOf(journals.reserved),
    nowMs + 1,
  );
  const isOverAt = (ms: number) => isOver(counted(totalAt(ms), read), read);
  return { ...usage, free_at_ms: firstFree(nowMs, empty, isOverAt) };
}

const latestOf = (journal: Journal): number =>
  Math.max(journal.newest()?.at_ms ?? 0, journal.correctedMs() ?? 0);

/** The first time after `overMs` at which enough has left; at `emptyMs` everything has. */
function firstFree(overMs: number, emptyMs: number, isOverAt: (ms: number) => boolean): number {
  let [over, fits] = [overMs, emptyMs];
  while (fits - over > 1) {
    const middle = Math.floor((over + fits) / 2);
    if (isOverAt(middle)) over = middle;
    else fits = middle;
  }
  return fits;
}

/** Subtracts the entries of the requested payment from a sum over a window. */
export function withoutOwn(
  sums: Sums,
  own: readonly CountedEntry[],
  { nowMs, windowMs }: Readonly<{ nowMs: number; windowMs: number }>,
): Sums {
  return own.reduce((sum, { channel, at_ms, sums: mine }) => {
    const afterMs = channel === "main" ? nowMs - windowMs : nowMs;
    return at_ms > afterMs ? minus(sum, mine) : sum;
  }, sums);
}

type Counted = Readonly<{ amount: bigint; count: number }>;

/** Selects what counts of a sum. */
export const counted = (
  sums: Sums,
  { include_requested }: Pick<UsageRead, "include_requested">,
): Counted =>
  include_requested
    ? { amount: sums.allowed + sums.requested, count: sums.allowed_count + sums.requested_count }
    : { amount: sums.allowed, count: sums.allowed_count };

/** Checks whether a request would not fit beside it. */
export const isOver = (
  { amount, count }: Counted,
  { keep_amount, keep_count }: UsageRead,
): boolean =>
  (keep_amount !== null && amount > keep_amount) || (keep_count !== null && count > keep_count);
