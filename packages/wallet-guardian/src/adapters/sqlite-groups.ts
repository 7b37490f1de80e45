/**
 * Group commit: whatever waits when the write lock is taken is decided in one transaction and made
 * durable by one sync; nobody is answered before (design: layer 4, SQLite).
 */
import { LedgerError } from "../errors.js";
import { type Connector, inTransaction, isBusy, unavailable } from "./sqlite-connection.js";
import { flush, newSession, type Outcome, type Session } from "./sqlite-session.js";
import { has } from "../internal/own.js";

/** How long another process's lock is waited for, without blocking the event loop. */
export const MAX_BUSY_MS = 250;

/** How often a lock that another process holds is tried. */
export const RETRY_MS = 1;

/** Steps of one transaction, so that no group blocks the event loop for long. */
const MAX_GROUP = 64;

/**
 * Groups follow each other for so long; then the lock is left free for a moment, in which processes
 * that wait for it get their turn. Much longer where no other process was seen to write for a while.
 */
const TURN_MS = 10;
const PAUSE_MS = 6;
const LONELY_TURN_MS = 100;
const LONELY_PAUSE_MS = 2;
const SEEN_MS = 1_000;

/** The most that one try counts as waiting: a process that was not running did not wait for a lock. */
const MAX_STEP_MS = 8;

type Job = Readonly<{
  work: (session: Session) => Outcome<unknown>;
  settle: (outcome: Outcome<unknown>) => void;
}> & {
  /** How long its group had waited when it came. */
  cameAtMs: number;
};

/** Steps that share commits. */
export type Groups = Readonly<{
  /** Takes a step in the next group; resolves when it is durable. */
  submit<T>(work: (session: Session) => Outcome<T>): Promise<T>;
  /** Fails whatever waits. */
  close(): void;
}>;

/** Makes the groups of one connection. */
export function createGroups(connector: Connector): Groups {
  const queue: Job[] = [];
  const turns = createTurns();
  let isScheduled = false;
  let waitedMs = 0;
  let triedMs = -Infinity;

  function schedule(pauseMs: number): void {
    isScheduled = true;
    if (pauseMs === 0) setImmediate(drain);
    else setTimeout(drain, pauseMs);
  }

  function drain(): void {
    isScheduled = false;
    const jobs = queue.splice(0, MAX_GROUP);
    if (jobs.length === 0) return;
    try {
      const outcomes = commit(connector, jobs, (version) => turns.begin(version));
      waitedMs = 0;
      for (const job of queue) job.cameAtMs = 0;
      for (const [job, outcome] of outcomes) job.settle(outcome);
      turns.end();
      if (queue.length > 0) schedule(turns.pauseMs());
    } catch (error) {
      if (isBusy(error)) wait(jobs, error);
      else fail(jobs, unavailable(error));
    }
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

  return {
    submit: <T>(work: (session: Session) => Outcome<T>) =>
      new Promise<T>((resolve, reject) => {
        const settle = (outcome: Outcome<unknown>) => {
          if (has(outcome, "error")) reject(unavailable(outcome.error));
          else resolve(outcome.result as T);
        };
        queue.push({ work, settle, cameAtMs: waitedMs });
        if (!isScheduled) schedule(turns.pauseMs());
      }),
    close() {
      fail(queue.splice(0), new LedgerError("ledger_unavailable", "the ledger is closed"));
    },
  };
}

function commit(connector: Connector, jobs: readonly Job[], begin: (version: bigint) => void) {
  return connector.use((open) =>
    inTransaction(open, () => {
      begin(open.statements.dataVersion.pluck().get() as bigint);
      const session = newSession(open.statements);
      const outcomes = jobs.map((job) => [job, job.work(session)] as const);
      flush(session);
      return outcomes;
    }),
  );
}

/** Whose turn it is: leaves the lock free now and then. */
function createTurns() {
  let begunMs = -Infinity;
  let endedMs = -Infinity;
  let seenMs = -Infinity;
  let version: bigint | null = null;
  return {
    /** A group begins: looks whether another connection has written since the last one. */
    begin(current: bigint): void {
      const nowMs = performance.now();
      if (version !== null && current !== version) seenMs = nowMs;
      version = current;
      if (nowMs - endedMs >= LONELY_PAUSE_MS) begunMs = nowMs;
    },
    /** A group has ended. */
    end(): void {
      endedMs = performance.now();
    },
    /** How long the lock is still to be left free before the next group. */
    pauseMs(): number {
      const isLonely = endedMs - seenMs > SEEN_MS;
      if (endedMs - begunMs < (isLonely ? LONELY_TURN_MS : TURN_MS)) return 0;
      const pauseMs = isLonely ? LONELY_PAUSE_MS : PAUSE_MS;
      return Math.max(0, Math.ceil(endedMs + pauseMs - performance.now()));
    },
  };
}
