/**
 * Group commit: whatever waits when the write lock is taken is decided in one transaction and made
 * durable by one sync; nobody is answered before (design: layer 4, SQLite).
 */
import { LedgerError } from "../errors.js";
import { type Connector, inTransaction, isBusy, unavailable } from "./sqlite-connection.js";
import { flush, newSession, type Outcome, type Session } from "./sqlite-session.js";

/** How long another process's lock is waited for, without blocking the event loop. */
export const MAX_BUSY_MS = 250;

/** How often a lock that another process holds is tried. */
export const RETRY_MS = 1;

/** Steps of one transaction, so that no group blocks the event loop for long. */
const MAX_GROUP = 128;

/**
 * Groups follow each other for so long; then the lock is left free for a moment, in which processes
 * that wait for it get their turn. Where no other process was seen to write, much longer.
 */
const TURN_MS = 10;
const LONELY_TURN_MS = 100;
const PAUSE_MS = 2;
const SEEN_MS = 5_000;

type Job = Readonly<{
  work: (session: Session) => Outcome<unknown>;
  settle: (outcome: Outcome<unknown>) => void;
  askedMs: number;
}>;

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
  let waitingSinceMs: number | null = null;

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
      const outcomes = commit(connector, jobs, (version) => turns.see(version));
      waitingSinceMs = null;
      for (const [job, outcome] of outcomes) job.settle(outcome);
      if (queue.length > 0) schedule(turns.pauseMs());
    } catch (error) {
      if (isBusy(error)) wait(jobs, error);
      else fail(jobs, unavailable(error));
    }
  }

  function wait(jobs: readonly Job[], cause: unknown): void {
    const nowMs = performance.now();
    const since = (waitingSinceMs ??= nowMs);
    queue.unshift(...jobs);
    const isLate = ({ askedMs }: Job) => nowMs - Math.max(since, askedMs) >= MAX_BUSY_MS;
    const late = queue.filter(isLate);
    queue.splice(0, Infinity, ...queue.filter((job) => !isLate(job)));
    if (queue.length > 0) schedule(RETRY_MS);
    else waitingSinceMs = null;
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
          if ("error" in outcome) reject(unavailable(outcome.error));
          else resolve(outcome.result as T);
        };
        queue.push({ work, settle, askedMs: performance.now() });
        if (!isScheduled) schedule(turns.pauseMs());
      }),
    close() {
      fail(queue.splice(0), new LedgerError("ledger_unavailable", "the ledger is closed"));
    },
  };
}

function commit(connector: Connector, jobs: readonly Job[], see: (version: bigint) => void) {
  return connector.use((open) =>
    inTransaction(open, () => {
      see(open.statements.dataVersion.pluck().get() as bigint);
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
    /** Looks whether another connection has written since the last group; called at its beginning. */
    see(current: bigint): void {
      if (version !== null && current !== version) seenMs = performance.now();
      version = current;
    },
    /** How long to leave the lock free before the next group. */
    pauseMs(): number {
      const nowMs = performance.now();
      if (nowMs - endedMs > PAUSE_MS) begunMs = nowMs;
      endedMs = nowMs;
      const turnMs = nowMs - seenMs < SEEN_MS ? TURN_MS : LONELY_TURN_MS;
      if (nowMs - begunMs < turnMs) return 0;
      endedMs = -Infinity;
      return PAUSE_MS;
    },
  };
}
