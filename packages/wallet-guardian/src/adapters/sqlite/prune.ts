/** Retention of a SQLite ledger, in bounded steps. Freed pages are used again; the file does not shrink by itself. */
import { BUCKET_LEVELS, bucketOf } from "../../ledger/prefix-sums.js";
import type { Pruned, PruneStep } from "../../ports.js";
import type { Statements } from "./statements.js";

/** Keys that one step reads at least, though it finds nothing to remove there. */
const MIN_VISITS = 256;

type Key = number | string;

/** A table whose old rows are found key by key. */
type Walk = Readonly<{
  first: Key;
  next: (statements: Statements, after: Key) => Key | undefined;
  /** Removes at most `limit` rows of a key. */
  remove: (
    statements: Statements,
    old: Readonly<{ key: Key; beforeMs: number; limit: number }>,
  ) => number;
}>;

/** The key of a row of one column. */
const firstOf = (row: unknown): Key | undefined =>
  Array.isArray(row) && (typeof row[0] === "number" || typeof row[0] === "string")
    ? row[0]
    : undefined;

const walk = (
  first: Key,
  next: "nextSums" | "nextAttempts" | "nextAccountFreezes",
  remove: "pruneSums" | "pruneAttempts" | "pruneAccountFreezes",
): Walk => ({
  first,
  next: (statements, after) => firstOf(statements[next].get(after)),
  remove: (statements, { key, beforeMs, limit }) =>
    statements[remove].run({ key, before: beforeMs, limit }).changes,
});

const WALKS: readonly Walk[] = [
  walk(-1, "nextSums", "pruneSums"),
  {
    first: -1,
    next: (statements, after) => firstOf(statements.nextCorrections.get(after)),
    remove: removeCorrections,
  },
  walk(-1, "nextAttempts", "pruneAttempts"),
  walk("", "nextAccountFreezes", "pruneAccountFreezes"),
];

/** No window that begins at the time or later reads the bucket that the time falls in, on any level. */
function removeCorrections(
  statements: Statements,
  { key, beforeMs, limit }: Parameters<Walk["remove"]>[1],
): number {
  let rows = 0;
  for (let level = 0; level < BUCKET_LEVELS && rows < limit; level++) {
    const bucket = bucketOf(beforeMs, level);
    rows += statements.pruneCorrections.run({ key, level, bucket, limit: limit - rows }).changes;
  }
  return rows;
}

/** Takes steps, each from where the last one ended. */
type Pruner = (statements: Statements, step: PruneStep) => Pruned;

/** Makes a pruner; a step with other times begins anew. */
export function createPruner(): Pruner {
  let last = "";
  let place: Place = { walk: 0, after: null };
  return (statements, step) => {
    const same = JSON.stringify([
      step.settled_before_ms,
      step.sums_before_ms,
      step.records_through_seq,
    ]);
    if (same !== last) place = { walk: 0, after: null };
    last = same;
    let rows = pruneStates(statements, step);
    rows += pruneRecords(statements, step, step.limit - rows);
    if (rows >= step.limit) return { rows, done: false };
    const walked = walkOn(statements, step, { place, limit: step.limit - rows });
    rows += walked.rows;
    place = walked.place ?? { walk: 0, after: null };
    return { rows, done: walked.place === null };
  };
}

/** Which walk, and after which of its keys. */
type Place = Readonly<{ walk: number; after: Key | null }>;

function pruneStates(
  statements: Statements,
  { settled_before_ms: before, limit }: PruneStep,
): number {
  return before === null ? 0 : statements.pruneStates.run(before, limit).changes;
}

function pruneRecords(statements: Statements, step: PruneStep, limit: number): number {
  if (step.records_through_seq === null || limit === 0) return 0;
  statements.notePruned.run({ through: step.records_through_seq });
  return statements.pruneRecords.run(step.records_through_seq, limit).changes;
}

/** Goes on from a place; null as the next one: every walk has ended. */
function walkOn(
  statements: Statements,
  { sums_before_ms: beforeMs }: PruneStep,
  { place, limit }: Readonly<{ place: Place; limit: number }>,
): Readonly<{ rows: number; place: Place | null }> {
  let [rows, visits] = [0, 0];
  if (beforeMs === null) return { rows, place: null };
  for (const [at, walk] of WALKS.entries()) {
    if (at < place.walk) continue;
    let after = (at === place.walk ? place.after : null) ?? walk.first;
    for (;;) {
      const key = walk.next(statements, after);
      if (key === undefined) break;
      if (rows >= limit || visits++ >= Math.max(MIN_VISITS, limit))
        return { rows, place: { walk: at, after } };
      rows += walk.remove(statements, { key, beforeMs, limit: limit - rows });
      if (rows >= limit) return { rows, place: { walk: at, after } };
      after = key;
    }
  }
  return { rows, place: null };
}
