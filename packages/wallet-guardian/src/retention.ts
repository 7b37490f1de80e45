/** Retention: exports records with their proofs, and prunes what no rule reads any more (design, section 7: retention). */
import { canonicalHash, canonicalize, type JsonObject } from "@dgb-shield/contract";
import { BEHAVIOUR_WINDOWS_MS } from "./behaviour/score.js";
import { LedgerError } from "./errors.js";
import { proofsOf, type ProofStep } from "./internal/merkle.js";
import { countedSpans } from "./policy/compile.js";
import type { GuardianPolicy } from "./policy/policy.js";
import { type Ledger, type LedgerRecord, MAX_LISTED_RECORDS } from "./ports.js";
import { recordOnlyReads } from "./evaluate/reads.js";
import { record } from "./records.js";

/** Consecutive records of one ledger, and the root of their Merkle tree. */
export type Segment = Readonly<{
  ledger_id: string;
  epoch: number;
  from_seq: number;
  through_seq: number;
  /** Root over the hashes of the records, in their order. */
  root: string;
}>;

/** The result of an export. */
export type Exported = Readonly<{
  /** Number of the last exported record; what the export began after where there was none. */
  through_seq: number;
  records: number;
  segments: readonly Segment[];
}>;

/** Options of `exportRecords`. */
export type ExportOptions = Readonly<{
  /** Exports records above this number: 0. */
  after_seq?: number;
  /** Exports records up to this number; absent: up to the newest one when the export begins. */
  through_seq?: number;
  /** Takes one line of JSON, without its line feed; a promise is waited for. */
  write: (line: string) => unknown;
  /** Is called after each record with how many were written, of at most how many. */
  progress?: (records: number, total: number) => unknown;
}>;

/**
 * Exports records as JSON Lines: for each segment of at most 1,000 records a line `{"segment": …}`, then a line
 * `{seq, at_ms, kind, record, proof}` each. A proof shows that its record belongs to the segment's root, without
 * any other record; `verifyRecord` checks it.
 *
 * @throws LedgerError where the ledger cannot be read; what `write` throws
 * @example await exportRecords(ledger, { write: (line) => file.write(`${line}\n`) })
 */
export async function exportRecords(ledger: Ledger, options: ExportOptions): Promise<Exported> {
  const { after_seq = 0, write, progress } = options;
  // Callers that go on may add records faster than they are exported.
  const through_seq = options.through_seq ?? (await newestRecord(ledger))?.seq ?? 0;
  const identity = await ledger.identity();
  const segments: Segment[] = [];
  let [last, count] = [after_seq, 0];
  for (;;) {
    const page = await ledger.records(last, MAX_LISTED_RECORDS);
    const records = page.filter(({ seq }) => seq <= through_seq);
    if (records.length === 0) break;
    const { root, proofs } = proofsOf(records.map(leafOf));
    const [first, end] = [records[0]?.seq ?? last, records.at(-1)?.seq ?? last];
    const segment = { ...identity, from_seq: first, through_seq: end, root };
    await write(canonicalize({ segment }));
    for (const [index, one] of records.entries()) {
      await write(canonicalize({ ...one, proof: proofs[index] ?? [] }));
      count++;
      progress?.(count, through_seq - after_seq);
    }
    segments.push(segment);
    last = end;
    if (records.length < page.length || page.length < MAX_LISTED_RECORDS) break;
  }
  return Object.freeze({ through_seq: last, records: count, segments });
}

const leafOf = ({ seq, at_ms, kind, record: stored }: LedgerRecord): string =>
  canonicalHash({ seq, at_ms, kind, record: stored });

/** Options of `pruneLedger`. */
export type PruneOptions = Readonly<{
  /** Every policy that is in force on the ledger: the longest window of all of them bounds what is removed. */
  policies: readonly GuardianPolicy[];
  /** The clock, milliseconds since 1970. */
  now_ms: number;
  /** The export whose records are removed; absent: no record is. */
  exported?: Exported;
  /** Keeps the sums of the half year by which behaviour is judged, whatever the policies' windows are. */
  keep_behaviour?: boolean;
  /** Keeps records from this time on, and their whole segment; absent: removes every exported one. */
  keep_since_ms?: number;
  operator: string;
  reason: string;
  /** Rows of one step, between which other callers go on: 500. */
  rows?: number;
  /** Is called after each step with the rows that are done so far. */
  progress?: (rows: number) => unknown;
}>;

const ROWS = 500;
const DAY_MS = 86_400_000;

/**
 * Shrinks the state of payments that were settled and count in no window any more, merges sums older than the
 * longest window, and removes records that were exported; each step is a transaction of its own, so that
 * callers go on meanwhile. Ids, contents' hashes and statuses stay: an id must never become free again. Only records of
 * segments are removed: they follow each other from the first record of the ledger on, and are of its present epoch.
 * Where the clock is ahead of the newest record, that record's time counts.
 *
 * @returns rows that were shrunk or removed
 * @throws LedgerError where the ledger cannot be written, or its records are not the ones that were exported: then nothing is removed
 */
export async function pruneLedger(ledger: Ledger, options: PruneOptions): Promise<number> {
  const { policies, exported, rows = ROWS, progress } = options;
  const behaviour = options.keep_behaviour === true ? BEHAVIOUR_WINDOWS_MS : [];
  const spanMs = longestMs(policies, behaviour);
  const { keep_since_ms = Infinity } = options;
  const covered = await coveredSegments(ledger, exported?.segments ?? [], keep_since_ms);
  const newest = await newestRecord(ledger);
  const now_ms = Math.min(options.now_ms, newest?.at_ms ?? 0);
  const beforeMs = now_ms < spanMs ? null : now_ms - spanMs;
  const step = {
    settled_before_ms: beforeMs,
    sums_before_ms: beforeMs,
    records_through_seq: covered.at(-1)?.through_seq ?? null,
    limit: rows,
  };
  await notePruned(ledger, covered, { ...options, now_ms });
  let total = 0;
  for (;;) {
    const { rows: some, done } = await ledger.prune(step);
    total += some;
    progress?.(total);
    if (done) return total;
  }
}

/** The longest time that anything counts, with the longest claim and the largest skew, and a day to spare. */
function longestMs(policies: readonly GuardianPolicy[], further: readonly number[]): number {
  if (policies.length === 0) throw new RangeError("policies: give every policy of the ledger");
  const spans = policies.map((policy) => {
    const claim = policy.allow_valid_seconds * 1_000 + policy.max_clock_jump_ms;
    return Math.max(DAY_MS, ...countedSpans(policy), ...further) + claim;
  });
  return Math.max(...spans) + DAY_MS;
}

const rejected = (detail: string): LedgerError =>
  new LedgerError("ledger_unavailable", `${detail}; nothing was removed`);

/** The segments whose records the ledger still has, each held against them, up to the first one with a record to keep. */
async function coveredSegments(
  ledger: Ledger,
  segments: readonly Segment[],
  keepSinceMs: number,
): Promise<readonly Segment[]> {
  const { ledger_id, epoch } = await ledger.identity();
  // Fails where the export holds other records.
  if (segments.some((segment) => segment.ledger_id !== ledger_id))
    throw rejected("the export is of another ledger: export this one");
  if (segments.some((segment) => segment.epoch !== epoch))
    throw rejected(`the export is not of epoch ${epoch}: export the ledger anew, to another place`);
  const [first] = await ledger.records(0, 1);
  if (first === undefined) return [];
  const covered = segments.filter(({ through_seq }) => through_seq >= first.seq);
  const latest: number[] = [];
  let next = first.seq;
  for (const segment of covered) {
    // Fails where a record before the segment is in no other one.
    if (segment.from_seq !== next)
      throw rejected(`the export lacks record ${next}: export the ledger anew, to another place`);
    latest.push(await checkRoot(ledger, segment));
    next = segment.through_seq + 1;
  }
  const kept = latest.findIndex((atMs) => atMs >= keepSinceMs);
  return kept === -1 ? covered : covered.slice(0, kept);
}

/** Reckons a segment's root from the ledger's own records; gives the latest time of one. */
async function checkRoot(
  ledger: Ledger,
  { from_seq, through_seq, root }: Segment,
): Promise<number> {
  const count = through_seq - from_seq + 1;
  const isSize = count >= 1 && count <= MAX_LISTED_RECORDS;
  const records = isSize ? await ledger.records(from_seq - 1, count) : [];
  const isWhole =
    isSize && records.length === count && records.every(({ seq }, at) => seq === from_seq + at);
  // Fails where other records were exported than the ledger has.
  if (!isWhole || proofsOf(records.map(leafOf)).root !== root)
    throw rejected(
      `the export differs from the ledger in the records ${from_seq} to ${through_seq}: export the ledger anew, to another place`,
    );
  return Math.max(0, ...records.map(({ at_ms }) => at_ms));
}

/** The newest record, found by doubling the number and halving the gap; undefined where there is none. */
async function newestRecord(ledger: Ledger): Promise<LedgerRecord | undefined> {
  const after = async (seq: number) => (await ledger.records(seq, 1))[0];
  let newest = await after(0);
  if (newest === undefined) return undefined;
  let gap = 1;
  for (let next = await after(newest.seq); next !== undefined; gap *= 2) {
    newest = next;
    next = await after(newest.seq + gap);
  }
  for (; gap >= 1; gap = Math.floor(gap / 2)) {
    const next = await after(newest.seq + gap - 1);
    if (next !== undefined) newest = next;
  }
  return newest;
}

/** Keeps the roots of what is removed, before it is removed. */
async function notePruned(ledger: Ledger, covered: readonly Segment[], options: PruneOptions) {
  const { operator, reason, now_ms } = options;
  const segments = covered.map(({ from_seq, through_seq, root }): JsonObject => ({
    from_seq,
    through_seq,
    root,
  }));
  for (let first = 0; first < segments.length; first += MAX_SEGMENTS) {
    const facts = {
      operator,
      reason,
      segments: segments.slice(first, first + MAX_SEGMENTS),
      at_ms: now_ms,
    };
    await ledger.transact(recordOnlyReads(now_ms), () => ({
      result: null,
      writes: { records: [record("pruned", facts)], keep_times: true },
    }));
  }
}

/** Roots of one record. */
const MAX_SEGMENTS = 1_000;

/** A record of an export. */
export type ExportedRecord = LedgerRecord & Readonly<{ proof: readonly ProofStep[] }>;

/**
 * Checks that a record belongs to a root.
 *
 * @returns false for anything that does not; never throws
 */
export function verifyRecord(exported: ExportedRecord, root: string): boolean {
  try {
    const hash = exported.proof.reduce(
      (left, { side, hash: other }) =>
        canonicalHash(side === "left" ? [other, left] : [left, other]),
      leafOf(exported),
    );
    return hash === root;
  } catch {
    return false;
  }
}
