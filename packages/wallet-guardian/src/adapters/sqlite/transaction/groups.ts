/**
 * Group commit: whatever waits when the write lock is taken is decided in one transaction and made
 * durable by one sync; no answer is given before it (design: layer 4, SQLite).
 */
import { LedgerError } from "../../../errors.js";
import { has } from "../../../internal/own.js";
import { type Connection, type Connector, inTransaction } from "../connection.js";
import { isBusy, isOwnFault, unavailable } from "../errors.js";
import type { Outcome } from "./session.js";
import { createTurns, type Turns } from "./turns.js";
import type { Session } from "./snapshot.js";

/** How long another process's lock is waited for, without blocking the event loop. */
export const MAX_BUSY_MS = 250;

/** How often a lock that another process holds is tried. */
export const RETRY_MS = 1;

/** Steps of one transaction, so that no group blocks the event loop for long. */
const MAX_GROUP = 64;

/** A group ends after so long, though more is waiting: a step that takes long delays no others but its own. */
const MAX_GROUP_MS = 50;

/** The most that one try counts as waiting: a process that was not running did not wait for a lock. */
const MAX_STEP_MS = 8;

/** Callers that were answered together come back one after the other: a smaller group waits so long for the next of them. */
const NEXT_MS = 0.5;

/** The most that the first of a group waits for the others. */
const GATHER_MS = 8;

type Job = Readonly<{
  work: (session: Session) => Outcome<unknown>;
  settle: (outcome: Outcome<unknown>) => void;
  /** Whether the group ends with it: no later step acts on what is not durable yet. */
  isLast: boolean;
}> & {
  /** How long its group had waited when it came. */
  cameAtMs: number;
};

/** Steps that share commits. */
export type Groups = Readonly<{
  /** Takes a step in the next group, perhaps its last one; resolves when it is durable. */
  submit<T>(
    work: (session: Session) => Outcome<T>,
    options?: Readonly<{ isLast: boolean }>,
  ): Promise<T>;
  /** The same, but while it runs no other call is taken. */
  guarded<A, T>(decide: (snapshot: A) => T): (snapshot: A) => T;
  /** A rejection for a call that comes from within a decision; null for any other. */
  rejected(): Promise<never> | null;
  /** Fails whatever waits. */
  close(): void;
}>;

/** Makes the groups of one connection. */
export function createGroups(connector: Connector): Groups {
  const queue: Job[] = [];
  const turns = createTurns();
  let isScheduled = false;
  let isDeciding = false;
  let waitedMs = 0;
  let triedMs = -Infinity;
  /** Steps of the last group. */
  let lastSize = 1;
  /** When the first and the latest of those that wait now came. */
  let firstMs = 0;
  let latestMs = 0;

  function schedule(pauseMs: number): void {
    isScheduled = true;
    if (pauseMs === 0) setImmediate(drain);
    else setTimeout(drain, pauseMs);
  }

  function drain(): void {
    isScheduled = false;
    if (isGathering()) {
      schedule(0);
      return;
    }
    const jobs = queue.splice(0, MAX_GROUP);
    if (jobs.length === 0) return;
    try {
      const outcomes = commit(connector, jobs, turns);
      lastSize = outcomes.length;
      queue.unshift(...jobs.slice(outcomes.length));
      waitedMs = 0;
      for (const job of queue) job.cameAtMs = 0;
      for (const [job, outcome] of outcomes) job.settle(outcome);
      turns.end();
      if (queue.length > 0) schedule(turns.pauseMs());
    } catch (error) {
      if (isBusy(error)) wait(jobs, error);
      else if (isOwnFault(error) && jobs.length > 1) alone(jobs);
      else fail(jobs, unavailable(error));
    }
  }

  /** Whether further callers of the last group are likely to come at once: one commit for all costs less than several. */
  function isGathering(): boolean {
    if (queue.length === 0 || queue.length >= lastSize) return false;
    const nowMs = performance.now();
    return nowMs - latestMs < NEXT_MS && nowMs - firstMs < GATHER_MS;
  }

  /** What one of them writes cannot be stored: each has a transaction of its own, so that only that one fails. */
  function alone(jobs: readonly Job[]): void {
    const [first, ...rest] = jobs;
    if (first === undefined) return;
    try {
      for (const [job, outcome] of commit(connector, [first], turns)) job.settle(outcome);
    } catch (error) {
      if (!isOwnFault(error)) {
        queue.unshift(...jobs);
        schedule(0);
        return;
      }
      first.settle({ error });
    }
    alone(rest);
    if (queue.length > 0 && !isScheduled) schedule(0);
  }

  function wait(jobs: readonly Job[], cause: unknown): void {
    const nowMs = performance.now();
    if (waitedMs > 0) waitedMs += Math.min(nowMs - triedMs, MAX_STEP_MS);
    else waitedMs = Number.EPSILON;
    triedMs = nowMs;
    queue.unshift(...jobs);
    const isLate = ({ cameAtMs }: Job) => waitedMs - cameAtMs >= MAX_BUSY_MS;
    const late = queue.filter(isLate);
    queue.splice(0, Infinity, ...queue.filter((job) => !isLate(job)));
    if (queue.length > 0) schedule(RETRY_MS);
    else waitedMs = 0;
    fail(late, new LedgerError("ledger_busy", `locked for ${MAX_BUSY_MS} ms`, cause));
  }

  function fail(jobs: readonly Job[], error: LedgerError): void {
    for (const job of jobs) job.settle({ error });
    if (queue.length > 0 && !isScheduled) schedule(0);
  }

  /** Its transaction is open: to wait for it would take for ever, to answer would break it. */
  const rejected = (): Promise<never> | null =>
    isDeciding
      ? Promise.reject(
          new LedgerError(
            "ledger_unavailable",
            "the ledger was called from within a decision (finalize): call it after the decision was answered",
          ),
        )
      : null;

  return {
    rejected,
    guarded: (decide) => (snapshot) => {
      isDeciding = true;
      try {
        return decide(snapshot);
      } finally {
        isDeciding = false;
      }
    },
    submit: <T>(work: (session: Session) => Outcome<T>, { isLast } = { isLast: false }) =>
      rejected() ??
      new Promise<T>((resolve, reject) => {
        const settle = (outcome: Outcome<unknown>) => {
          if (has(outcome, "error")) reject(unavailable(outcome.error));
          else resolve(outcome.result as T);
        };
        latestMs = performance.now();
        if (queue.length === 0) firstMs = latestMs;
        queue.push({ work, settle, isLast, cameAtMs: waitedMs });
        if (!isScheduled) schedule(turns.pauseMs());
      }),
    close() {
      fail(queue.splice(0), new LedgerError("ledger_unavailable", "the ledger is closed"));
    },
  };
}

/** Decides and commits jobs in their order; fewer than were given where they took long. */
function commit(connector: Connector, jobs: readonly Job[], turns: Turns): readonly Decided[] {
  return connector.use((open, memory) => {
    const decided = inTransaction(open, memory, (session) => {
      turns.begin(open.dataVersion);
      return decide(jobs, session);
    });
    open.witness?.note(memory.seq);
    if (open.session.erased) emptyLog(open);
    return decided;
  });
}

/** Brings the log into the file and empties it, unless another connection reads it: then its pages are written over later. */
function emptyLog({ db, session }: Connection): void {
  session.erased = false;
  try {
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  } catch {
    // what was committed is durable all the same
  }
}

type Decided = readonly [Job, Outcome<unknown>];

function decide(jobs: readonly Job[], session: Session): readonly Decided[] {
  const begunMs = performance.now();
  const decided: Decided[] = [];
  for (const job of jobs) {
    decided.push([job, job.work(session)]);
    if (job.isLast || performance.now() - begunMs > MAX_GROUP_MS) break;
  }
  return decided;
}
