/** Verifies a ledger's records against signed checkpoints, and locates what was changed (design, section 7: proof). */
import type { JsonObject } from "@dgb-shield/contract";
import type { LedgerIdentity, LedgerRecord } from "../ports.js";
import type { Checkpoint } from "./checkpoint.js";
import { erasedValues, isCommitted, saltedLeafHash } from "./erasable.js";
import { prunedLeafHash } from "./hashes.js";
import type { HashStore } from "./hash-store.js";
import { type AuditFinding, createFindings } from "./findings.js";
import { seqOf, type SourceItem } from "./record-source.js";
import { type SaltStore, saltsFrom } from "./salt-store.js";
import { createTrees } from "./two-trees.js";

/** What is verified, and against what. */
export type VerifyInput = Readonly<{
  identity: LedgerIdentity;
  /** All records in order; those that were pruned, as far as an export has them, before the ledger's. */
  pages: AsyncIterable<readonly SourceItem[]>;
  /** The stored hashes of the leaves; null where there are none: then changes are located between two checkpoints. */
  store: Pick<HashStore, "count" | "read"> | null;
  /** Salts of the records; absent where none are kept. */
  salts?: Pick<SaltStore, "count" | "read"> | null;
  /** Checkpoints of this ledger whose signatures were verified, in any order. */
  checkpoints: readonly Checkpoint[];
  /** Is called after each page with the number of the last record. */
  progress?: (seq: number) => unknown;
}>;

/** The result of a verification; the tree is verified where there is no finding. */
export type Verified = Readonly<{
  /** Records that were read. */
  records: number;
  last_seq: number;
  /** Records of which only the hash is left: they were pruned, as a record of the ledger says. */
  pruned: number;
  /** Of these, the ones that were pruned before the tree began, and have not even a hash. */
  before_tree: number;
  /** Records of which personal values were erased, in whose places are commitments; those that differ from what was entered are not counted. */
  erased: number;
  /** Checkpoints whose roots are those of the records. */
  checkpoints: number;
  /** The last record that a verified checkpoint covers; those after it are signed by none. */
  covered_through: number;
  root: string;
  /** The first 100. */
  findings: readonly AuditFinding[];
  findings_count: number;
}>;

/**
 * Verifies records in the order of their numbers, in one pass. Each record's hash is held against the stored one, and
 * the roots of both against every checkpoint: a root that was signed shows which of the two is right.
 *
 * @throws what reading rejects with
 */
export async function verifyRecords(input: VerifyInput): Promise<Verified> {
  const pass = createPass(input);
  for await (const page of input.pages) {
    await pass.take(page);
    input.progress?.(pass.lastSeq());
  }
  return pass.end();
}

type Pass = Readonly<{
  take(page: readonly SourceItem[]): Promise<void>;
  lastSeq(): number;
  end(): Promise<Verified>;
}>;

/** The state of a pass over the records. */
function createPass({ identity, store, salts = null, checkpoints }: VerifyInput): Pass {
  const due = [...checkpoints].sort((a, b) => a.tree_size - b.tree_size || a.epoch - b.epoch);
  const adoptions: { seq: number; epoch: number }[] = [];
  const prunedSpans: { from_seq: number; through_seq: number }[] = [];
  const found = createFindings();
  const trees = createTrees(found);
  const counts = { records: 0, pruned: 0, before_tree: 0, checkpoints: 0, covered: 0 };
  const gaps: { from_seq: number; through_seq: number }[] = [];
  const erased = { seqs: [] as number[], as_entered: 0, ordered: new Set<number>() };
  // Counted until the first one that fits.
  const salted = { fit: 0, differ: 0 };
  let [next, nextDue, first] = [1, 0, true];

  const takeLeaf = (seq: number, leaf: string | null, stored: string | undefined): void => {
    trees.add(seq, leaf, stored);
    for (; (due[nextDue]?.tree_size ?? Infinity) <= seq; nextDue++) {
      const checkpoint = due[nextDue];
      if (checkpoint !== undefined) meet(checkpoint);
    }
  };

  const meet = (checkpoint: Checkpoint): void => {
    const { tree_size, epoch } = checkpoint;
    if (epoch > identity.epoch) {
      found.add({ code: "older_ledger", epoch: identity.epoch, signed_epoch: epoch });
      return;
    }
    const adoption = adoptions.find((one) => one.seq <= tree_size && one.epoch > epoch);
    if (adoption !== undefined) {
      found.addLost({ epoch, from_seq: adoption.seq, through_seq: tree_size });
      return;
    }
    if (trees.meet(checkpoint, counts.covered)) {
      counts.checkpoints++;
      counts.covered = tree_size;
    }
  };

  /** Goes on over numbers without a record, by the stored hashes as far as there are any. */
  const skipTo = async (seq: number): Promise<void> => {
    const gap = { from_seq: next, through_seq: seq - 1 };
    // Only records before the first one that is left can have been pruned: which ones, a later record says.
    if (first) gaps.push(gap);
    else found.add({ code: "missing", ...gap });
    while (next < seq) {
      const hashes = await storedFrom(store, next, Math.min(seq - next, SKIPPED));
      const count = Math.max(hashes.length, Math.min(seq - next, SKIPPED));
      for (let at = 0; at < count; at++) {
        const hash = hashes[at];
        if (hash === prunedLeafHash(next + at)) counts.before_tree++;
        takeLeaf(next + at, null, hash);
      }
      next += count;
    }
  };

  const takeRecord = (record: LedgerRecord): void => {
    counts.records++;
    const { epoch, segments } = record.record;
    if (record.kind === "adopted" && typeof epoch === "number")
      adoptions.push({ seq: record.seq, epoch });
    if (erasedValues(record) > 0) erased.seqs.push(record.seq);
    if (record.kind === "erased") for (const seq of seqsIn(record.record)) erased.ordered.add(seq);
    if (record.kind === "pruned" && Array.isArray(segments)) prunedSpans.push(...spansIn(segments));
  };

  /** The leaf of an item; null, with a finding, where it has none. */
  const leafOf = (
    item: SourceItem,
    salt: string | null,
    stored: string | undefined,
  ): string | null => {
    const seq = seqOf(item);
    const leaf = "record" in item ? hashOf(item.record, salt) : null;
    if (leaf === null || !("record" in item)) {
      found.add({ code: "unreadable", seq });
      return null;
    }
    const isAsEntered = stored === undefined || leaf === stored;
    if (isAsEntered && erasedValues(item.record) > 0) erased.as_entered++;
    if (!isAsEntered && salt === null && isCommitted(item.record)) {
      found.addSaltless(seq);
      return null;
    }
    if (salt !== null && stored !== undefined && salted.fit === 0 && isCommitted(item.record))
      salted[isAsEntered ? "fit" : "differ"]++;
    return leaf;
  };

  return {
    lastSeq: () => next - 1,
    async take(page) {
      const end = page.at(-1);
      if (end === undefined) return;
      const from = page[0] === undefined ? next : Math.max(seqOf(page[0]), next);
      const hashes = await storedFrom(store, from, seqOf(end) - from + 1);
      const own = await saltsFrom(salts, from - 1, Math.max(seqOf(end) - from + 1, 0));
      for (const item of page) {
        const seq = seqOf(item);
        // A number that came before: the source repeats itself, and what it gives is no sequence.
        if (seq < next) {
          found.add({ code: "repeated", seq });
          continue;
        }
        if (seq > next) await skipTo(seq);
        first = false;
        if ("record" in item) takeRecord(item.record);
        takeLeaf(
          seq,
          leafOf(item, own[seq - from] ?? null, hashes[seq - from]),
          hashes[seq - from],
        );
        next = seq + 1;
      }
    },
    end() {
      trees.flush();
      for (const { from_seq, through_seq } of gaps) {
        const covered = coveredBy(prunedSpans, from_seq, through_seq);
        counts.pruned += covered - from_seq + 1;
        if (covered < through_seq)
          found.add({ code: "missing", from_seq: covered + 1, through_seq });
      }
      for (const { tree_size, epoch } of due.slice(nextDue)) {
        const adoption = adoptions.find((one) => one.epoch > epoch);
        if (epoch > identity.epoch)
          found.add({ code: "older_ledger", epoch: identity.epoch, signed_epoch: epoch });
        else if (adoption !== undefined)
          found.addLost({ epoch, from_seq: adoption.seq, through_seq: tree_size });
        else found.addTruncated({ from_seq: next, through_seq: tree_size });
      }
      for (const seq of erased.seqs)
        if (!erased.ordered.has(seq)) found.add({ code: "erased_without_order", seq });
      if (salted.fit === 0 && salted.differ > 0)
        found.add({ code: "salts_differ", records: salted.differ });
      const { records, pruned, before_tree, covered: covered_through } = counts;
      const listed = found.list();
      return Promise.resolve({
        ...{ records, last_seq: next - 1, pruned, before_tree, covered_through },
        erased: erased.as_entered,
        ...{ checkpoints: counts.checkpoints, root: trees.root() },
        ...{ findings: listed.findings, findings_count: listed.count },
      });
    },
  };
}

/** Numbers of missing records that are gone over at once. */
const SKIPPED = 10_000;

async function storedFrom(
  store: VerifyInput["store"],
  seq: number,
  count: number,
): Promise<readonly string[]> {
  if (store === null || count <= 0) return [];
  const stored = Math.min(count, (await store.count(0)) - (seq - 1));
  return stored <= 0 ? [] : store.read(0, seq - 1, stored);
}

/** The hash of a record; null for one that has no canonical form. */
function hashOf(record: LedgerRecord, salt: string | null): string | null {
  try {
    return saltedLeafHash(record, salt);
  } catch {
    return null;
  }
}

/** Numbers of the records that an order to erase names. */
const seqsIn = ({ records }: JsonObject): readonly number[] =>
  Array.isArray(records) ? records.filter((seq) => typeof seq === "number") : [];

const spansIn = (segments: readonly unknown[]) =>
  segments.flatMap((segment) => {
    const { from_seq, through_seq } = (segment ?? {}) as Record<string, unknown>;
    return typeof from_seq === "number" && typeof through_seq === "number"
      ? [{ from_seq, through_seq }]
      : [];
  });

/** The last number from `from` on that spans cover without a gap; `from` − 1 where none does. */
function coveredBy(
  spans: readonly { from_seq: number; through_seq: number }[],
  from: number,
  through: number,
): number {
  let covered = from - 1;
  for (const span of [...spans].sort((a, b) => a.from_seq - b.from_seq)) {
    if (span.from_seq <= covered + 1) covered = Math.max(covered, span.through_seq);
  }
  return Math.min(covered, through);
}
