/** A durable ledger in PostgreSQL, shared by any number of processes and hosts (design: layer 4, PostgreSQL). */
import { LedgerError } from "../errors.js";
import {
  type Ledger,
  type LedgerSnapshot,
  type LedgerStep,
  MAX_LISTED_RECORDS,
  type NewRecord,
} from "../ports.js";
import type { Acceptance } from "../time.js";
import {
  createConnections,
  factsOf,
  type PostgresPool,
  type Query,
  stateOf,
} from "./postgres-connection.js";
import { createGroups } from "./postgres-groups.js";
import { migrate } from "./postgres-migrate.js";
import { toAcceptance, toRecords, toWithdrawal } from "./postgres-rows.js";
import {
  GlobalJournalFound,
  type Outcome,
  type PostgresStep,
  takeSteps,
} from "./postgres-session.js";
import { statementsOf } from "./postgres-statements.js";
import { has } from "../internal/own.js";

export type { PostgresClient, PostgresPool } from "./postgres-connection.js";

/** Longest wait for a lock that another process or host holds; a group is split after the first part. */
const GROUP_BUSY_MS = 100;
const SINGLE_BUSY_MS = 150;

const MAX_TRIES = 4;
const DEFAULT_CONNECTIONS = 4;
const DEFAULT_LIMIT_MS = 5_000;
const MIGRATION_LIMIT_MS = 60_000;

/** How long an acceptance of the clock waits for running transactions; new ones wait for it. */
const ACCEPT_WAIT_MS = 5_000;

/** SQLSTATEs after which the same transaction is tried again, and that of a lock not had in time. */
const LOST_RACES = new Set(["40001", "40P01"]);
const LOCK_NOT_AVAILABLE = "55P03";

/** What a PostgreSQL ledger is made of. */
export type PostgresLedgerOptions = Readonly<{
  /** A `pg.Pool`, or what behaves like one; the caller ends it. */
  pool: PostgresPool;
  /** Schema of the tables, made where it is missing: `guardian`. */
  schema?: string;
  /** Transactions at a time, at most as many as the pool has connections: 4. */
  connections?: number;
  /** Milliseconds after which an unanswered transaction is given up and its connection closed: 5,000. */
  limitMs?: number;
  /**
   * Whose time counts: the database's own, read under the locks, or the caller's, for simulations
   * and tests that move it.
   */
  clock?: "database" | "caller";
}>;

/**
 * A ledger in a PostgreSQL schema. The schema is made or migrated at the first call and, after a
 * failure, looked at again at the next one, so that a guardian recovers by itself.
 *
 * @returns a ledger that rejects with `ledger_busy` after 250 ms of another's lock, and with
 * `ledger_unavailable` for anything else. Where a connection is lost while it commits, nobody knows
 * the outcome: the call is rejected, and the same id asked again gets what was recorded.
 * @throws RangeError for a schema that is no plain name, or connections or a limit out of range
 * @example createPostgresLedger({ pool: new pg.Pool({ connectionString, max: 8 }) })
 */
export function createPostgresLedger(options: PostgresLedgerOptions): Ledger {
  const { pool, clock = "database" } = options;
  const { connections = DEFAULT_CONNECTIONS, limitMs = DEFAULT_LIMIT_MS } = options;
  const schema = quoted(options.schema ?? "guardian");
  if (!isCount(connections) || !isCount(limitMs))
    throw new RangeError("connections, limitMs: 1 or more");
  const statements = statementsOf(schema);
  const { lend } = createConnections(pool);
  let ready: Promise<void> | null = null;
  let isGlobalLocked = false;
  let isClosed = false;

  async function use<T>(work: (query: Query) => Promise<T>, withinMs = limitMs): Promise<T> {
    if (isClosed) throw new LedgerError("ledger_unavailable", "the ledger is closed");
    ready ??= lend((query) => migrate(query, schema), MIGRATION_LIMIT_MS);
    try {
      await ready;
    } catch (error) {
      ready = null;
      throw error;
    }
    return lend(work, withinMs);
  }

  async function takeAll(steps: readonly PostgresStep[], maxWaitMs: number): Promise<Outcome[]> {
    const taken = await use(async (query) => {
      await query(statements.begin);
      const session = { query, statements, clock, isGlobalLocked, maxWaitMs };
      try {
        const outcomes = await takeSteps(session, steps);
        await query(statements.commit);
        return { outcomes };
      } catch (error) {
        // The connection is good when it can still roll back; else it is closed.
        await query(statements.rollback);
        return { error };
      }
    });
    if (has(taken, "error")) throw taken.error;
    return taken.outcomes;
  }

  async function tryAll(steps: readonly PostgresStep[], maxWaitMs: number): Promise<Outcome[]> {
    for (let tries = 1; ; tries++) {
      try {
        return await takeAll(steps, maxWaitMs);
      } catch (error) {
        if (error instanceof GlobalJournalFound) isGlobalLocked = true;
        else if (!LOST_RACES.has(stateOf(error)) || tries >= MAX_TRIES) throw error;
      }
    }
  }

  /** A group that one of its locks holds up is taken apart, so that only who needs that lock waits. */
  async function run(steps: readonly PostgresStep[]): Promise<Outcome[]> {
    try {
      return await tryAll(steps, GROUP_BUSY_MS);
    } catch (error) {
      if (stateOf(error) !== LOCK_NOT_AVAILABLE) throw error;
    }
    return Promise.all(
      steps.map((step) =>
        tryAll([step], SINGLE_BUSY_MS).then(
          ([outcome]) => outcome ?? { error: new Error("unanswered") },
          (error: unknown) => ({ error }),
        ),
      ),
    );
  }

  /** Acceptance of the clock excludes all other transactions, and may read all withdrawals. */
  async function accept(
    nowMs: number,
    recordOf: (nowMs: number) => NewRecord,
  ): Promise<Acceptance> {
    return use(async (query) => {
      await query(statements.begin);
      try {
        const given = { now_ms: clock === "caller" ? nowMs : null, max_wait_ms: ACCEPT_WAIT_MS };
        const accepted = toAcceptance(await query(statements.accept, [JSON.stringify(given)]));
        const { kind, json } = recordOf(accepted.at_ms);
        await query(statements.record, [accepted.at_ms, kind, json]);
        await query(statements.commit);
        return accepted;
      } catch (error) {
        await query(statements.rollback);
        throw error;
      }
    }, MIGRATION_LIMIT_MS);
  }

  const groups = createGroups({ connections, run });
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw refusal(error);
    }
  };

  return {
    clock: clock === "caller" ? "caller" : "ledger",
    acceptClock: (nowMs, recordOf) => guarded(() => accept(nowMs, recordOf)),
    transact: <T>(
      reads: PostgresStep["reads"],
      decide: (snapshot: LedgerSnapshot) => LedgerStep<T>,
    ) => guarded(async () => (await groups.submit({ reads, decide })) as T),
    withdrawal: (id) =>
      guarded(() => use(async (query) => toWithdrawal(await query(statements.withdrawal, [id])))),
    records: (afterSeq, limit) =>
      guarded(() =>
        use(async (query) => {
          await query(statements.numberRecords);
          const values = [afterSeq, Math.min(limit, MAX_LISTED_RECORDS)];
          return toRecords(await query(statements.records, values));
        }),
      ),
    async close() {
      isClosed = true;
      await groups.idle();
    },
  };
}

function refusal(error: unknown): LedgerError {
  if (error instanceof LedgerError) return error;
  return stateOf(error) === LOCK_NOT_AVAILABLE
    ? new LedgerError("ledger_busy", "locked for 250 ms", error, factsOf(error))
    : new LedgerError("ledger_unavailable", "the database failed", error, factsOf(error));
}

function quoted(schema: string): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema))
    throw new RangeError(`no plain schema name: ${schema}`);
  return `"${schema}"`;
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1;
