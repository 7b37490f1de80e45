/** Runs one transaction of the PostgreSQL ledger: one call reads for all steps, one call writes for all. */
import { LedgerError } from "../../../errors.js";
import { has } from "../../../internal/own.js";
import type { LedgerReads, LedgerSnapshot, LedgerStep } from "../../../ports.js";
import { collectChanges } from "./changes.js";
import { lockKeys, needsGlobal, questionOf } from "./reads.js";
import { type KnownRecord, type LedgerState, toKnownRecord } from "../rows.js";
import type { SessionOptions } from "./session-options.js";
import { createSnapshots } from "./snapshot.js";
import { emptyStore, readInto } from "./read-set.js";
import { createWriter } from "./write.js";

/** The outcome of a step: its result, the error of the step alone before it wrote anything, or a delay. */
export type Outcome =
  | Readonly<{ result: unknown }>
  | Readonly<{ error: unknown }>
  | Readonly<{ later: "held" | "full" }>;

/** One step. */
export type PostgresStep = Readonly<{
  reads: LedgerReads;
  decide: (snapshot: LedgerSnapshot) => LedgerStep<unknown>;
}>;

/** The outcome of a transaction. */
export type Taken = Readonly<{
  outcomes: readonly Outcome[];
  /** The last record that it appended. */
  record: KnownRecord | null;
  /** Rows that it appended to the global journal. */
  appended: number;
  state: LedgerState;
}>;

/** Steps of one transaction take this long together; later ones are taken by the next one. */
const DECIDING_MS = 250;

/** Runs steps one after the other; each reads what the earlier ones have written. All become durable, or none. */
export async function takeSteps(
  options: SessionOptions,
  steps: readonly PostgresStep[],
): Promise<Taken> {
  const { session, statements, evidenceTable, verify } = options;
  const { query } = session;
  const reads = steps.map((step) => step.reads);
  const store = emptyStore();
  const reader = { query, statements };
  const found = await readInto(store, reader, {
    question: questionOf(reads, options),
    before: [statements.begin],
    // After the locks: what is committed later is the evidence of a later decision.
    ...(evidenceTable === null ? {} : { evidence: statements.evidence(evidenceTable) }),
  });
  verify(found.state);
  const changes = collectChanges();
  const isGlobalHeld = store.isGlobalKept && reads.some(needsGlobal);
  const shared = { store, reader, changes, options, isGlobalHeld };
  const writer = createWriter(shared);
  const snapshots = createSnapshots({ ...shared, flush: writer.flush });
  const isTaken = ({ reads: own }: PostgresStep) =>
    !lockKeys(own).some((key) => store.held.has(key));
  await snapshots.loadRooms(steps.filter(isTaken).map((step) => step.reads));

  async function take({ reads: own, decide }: PostgresStep): Promise<Outcome> {
    // fails while the global sum is not built yet
    if (!isGlobalHeld && countsGlobally(own)) return { error: beingBuilt() };
    const snapshot = await snapshots.take(own);
    const begun = performance.now();
    const step = attempt(() => decide(snapshot));
    const tookMs = performance.now() - begun;
    session.extend(tookMs);
    if (has(step, "error")) return step;
    // a decision that holds the locks for too long fails alone
    if (tookMs > options.limitMs) return { error: tooSlow(options.limitMs) };
    const { result, writes } = step.result;
    if (writes !== null) await writer.write(writes, own, snapshot.now_ms);
    return { result };
  }

  const outcomes: Outcome[] = [];
  const begun = performance.now();
  for (const step of steps) {
    const isLate = outcomes.length > 0 && performance.now() - begun > DECIDING_MS;
    if (!isTaken(step)) outcomes.push({ later: "held" });
    else outcomes.push(isLate ? { later: "full" } : await take(step));
  }
  const given = changes.take(store.scopes.values());
  const last = given === null ? [] : [statements.write(given)];
  // The locks are given back by the first commit, and nothing is answered before the second one.
  const answers = await query(...last, statements.commit, statements.durable);
  const record = given === null ? null : toKnownRecord(answers[0] ?? []);
  return {
    outcomes,
    record: record ?? writer.record(),
    appended: changes.appended(),
    state: found.state,
  };
}

/** Checks whether a step reads the global journal: for windows, or for the cooldown. */
const countsGlobally = ({ ids, scopes }: LedgerReads): boolean =>
  scopes.some(
    ({ scope, lock, usages }) => lock && scope.type === "global" && ids.length + usages.length > 0,
  );

const tooSlow = (limitMs: number): LedgerError =>
  new LedgerError("ledger_unavailable", `the decision took longer than ${limitMs} ms`);

const beingBuilt = (): LedgerError =>
  new LedgerError("ledger_unavailable", "the global journal is being built: repeat the call");

function attempt<T>(work: () => T): Readonly<{ result: T }> | Readonly<{ error: unknown }> {
  try {
    return { result: work() };
  } catch (error) {
    return { error };
  }
}
