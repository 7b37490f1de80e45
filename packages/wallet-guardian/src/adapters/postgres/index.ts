/** A durable ledger in PostgreSQL, shared by any number of processes and hosts (design: layer 4, PostgreSQL). */
import { LedgerError } from "../../errors.js";
import {
  type AcceptanceOrder,
  type Ledger,
  type LedgerSnapshot,
  type LedgerStep,
  MAX_LISTED_RECORDS,
  type Pruned,
  type PruneStep,
} from "../../ports.js";
import type { Acceptance } from "../../clock/time.js";
import { acceptClock } from "./accept-clock.js";
import { createConnections, type Query, type Session, stateOf } from "./connection.js";
import { createGroups } from "./transaction/groups.js";
import { rememberLedger } from "./identity.js";
import { migrate } from "./migrate.js";
import {
  type LedgerState,
  toFreezes,
  toPruned,
  toRecords,
  toState,
  toWithdrawals,
} from "./rows.js";
import type { PostgresLedgerOptions } from "./options.js";
import { busy, heldAreBusy, isBusy, rejection } from "./errors.js";
import { type Outcome, type PostgresStep, takeSteps, type Taken } from "./transaction/session.js";
import { quoted, statementsOf } from "./statements.js";
import { createUpkeep } from "./global-journal.js";
import { has } from "../../internal/own.js";

export type { PostgresClient, PostgresPool } from "./connection.js";
export type { PostgresLedgerOptions } from "./options.js";
export { adoptPostgresLedger, type AdoptionOrder } from "./adopt.js";

/**
 * Longest wait for a lock of another process or host, in milliseconds. Processes that decide on one wallet queue for it, each
 * for a few milliseconds at a time: only a lock that is never released is waited for so long.
 */
const MAX_WAIT_MS = 2_500;

const MAX_TRIES = 4;
const DEFAULT_CONNECTIONS = 4;
const DEFAULT_LIMIT_MS = 5_000;
const MIGRATION_LIMIT_MS = 600_000;
const PRUNE_LIMIT_MS = 60_000;

/** SQLSTATEs after which the same transaction is retried, such as an id that was inserted meanwhile. */
const LOST_RACES = new Set(["40001", "40P01", "23505"]);
/** Classes of SQLSTATE that the data of one step may cause. */
const DATA_FAULT = /^(?:22|23|54)/;

/**
 * Opens a ledger in a PostgreSQL schema. The schema is made (unless `create` is false) or migrated at the first call and, after a
 * failure, checked again at the next one, so that a guardian recovers by itself.
 *
 * @returns a ledger that rejects with `ledger_busy` after 2.5 s of another's lock, and with
 * `ledger_unavailable` for anything else: also where the ledger lacks what this process has acknowledged, or was
 * migrated by a newer version. Where a connection is lost while it commits, the outcome is
 * unknown: the call is rejected, and the same id requested again returns what was recorded.
 * @throws RangeError for a schema or table that is no plain name, or connections or a limit out of range
 * @throws LedgerError where the witness cannot be read
 * @example createPostgresLedger({ pool: new pg.Pool({ connectionString, max: 8 }) })
 */
export function createPostgresLedger(options: PostgresLedgerOptions): Ledger {
  const { pool, clock = "database", create = true } = options;
  const { connections = DEFAULT_CONNECTIONS, limitMs = DEFAULT_LIMIT_MS } = options;
  const schema = quoted(options.schema ?? "guardian");
  if (!isCount(connections) || !isCount(limitMs))
    throw new RangeError("connections, limitMs: 1 or more");
  const statements = statementsOf(schema);
  const evidenceTable = options.evidenceTable === undefined ? null : quoted(options.evidenceTable);
  const memory = rememberLedger(options.witness);
  const lender = createConnections(pool);
  const { lend } = lender;
  const upkeep = createUpkeep(lender, statements);
  const maxWaitMs = Math.min(MAX_WAIT_MS, Math.ceil(limitMs / 2));
  let ready: Promise<void> | null = null;
  let isClosed = false;
  let isDeciding = false;

  async function prepare(): Promise<void> {
    const mayCreate = create && memory.known() === null;
    await lend(({ query }) => migrate(query, schema, mayCreate), MIGRATION_LIMIT_MS);
    upkeep.fold();
  }

  async function use<T>(work: (session: Session) => Promise<T>, withinMs = limitMs): Promise<T> {
    ready ??= prepare();
    try {
      await ready;
    } catch (error) {
      ready = null;
      throw error;
    }
    return lend(work, withinMs);
  }

  async function takeAll(steps: readonly PostgresStep[], isPatient: boolean): Promise<Taken> {
    const taken = await use(async (session) => {
      const known = memory.known();
      const how = { session, statements, clock, evidenceTable, isPatient, maxWaitMs, limitMs };
      const knownEntries = known?.records.map(({ entry }) => entry) ?? [];
      const verify = (state: LedgerState) => {
        memory.verify(state, known);
      };
      try {
        return await takeSteps({ ...how, knownEntries, verify }, steps);
      } catch (error) {
        // The connection is good when it can still roll back; else it is closed.
        await session.query(statements.rollback);
        return { error };
      }
    });
    if (has(taken, "error")) throw taken.error;
    memory.acknowledge(taken.state, taken.record);
    if (taken.state.is_global_kept) upkeep.appended(taken.appended);
    else upkeep.fill();
    return taken;
  }

  async function tryAll(
    steps: readonly PostgresStep[],
    isPatient: boolean,
  ): Promise<readonly Outcome[]> {
    for (let tries = 1; ; tries++) {
      try {
        return (await takeAll(steps, isPatient)).outcomes;
      } catch (error) {
        if (!LOST_RACES.has(stateOf(error)) || tries >= MAX_TRIES) throw error;
      }
    }
  }

  /** A lock that was not granted in time, or data that the database rejects, fails only the step that has it. */
  async function run(
    steps: readonly PostgresStep[],
    isPatient: boolean,
  ): Promise<readonly Outcome[]> {
    try {
      return await tryAll(steps, isPatient);
    } catch (error) {
      const state = stateOf(error);
      if (steps.length === 1) throw error;
      if (isPatient && isBusy(error)) return heldAreBusy(await tryAll(steps, false), error);
      if (!DATA_FAULT.test(state)) throw error;
    }
    const outcomes: Outcome[] = [];
    for (const step of steps) {
      const [outcome = { error: new Error("unanswered") }] = await tryAll([step], isPatient).catch(
        (error: unknown) => [{ error }],
      );
      outcomes.push(outcome);
    }
    return outcomes;
  }

  /** Reads the ledger, after everything that the answer holds is durable. */
  const look = <T>(text: string, parse: (rows: readonly unknown[]) => T): Promise<T> =>
    use(async ({ query }) => {
      const known = memory.known();
      const entries = known?.records.map(({ entry }) => entry) ?? [];
      const [state = [], rows = []] = await query(
        statements.state(entries),
        text,
        statements.durable,
      );
      memory.verify(toState(state), known);
      return parse(rows);
    });

  /** The ledger's state, where it is the ledger that this process has used before. */
  async function verified(query: Query): Promise<LedgerState> {
    const known = memory.known();
    const entries = known?.records.map(({ entry }) => entry) ?? [];
    const [rows = []] = await query(statements.state(entries));
    const state = toState(rows);
    memory.verify(state, known);
    return state;
  }

  async function accept(nowMs: number, order: AcceptanceOrder): Promise<Acceptance> {
    const given = { now_ms: clock === "caller" ? nowMs : null, ahead_ms: order.ahead_ms };
    return use(async ({ query }) => {
      const state = await verified(query);
      const { record, ...accepted } = await acceptClock(query, statements, { given, order });
      memory.acknowledge(state, record);
      return accepted;
    }, PRUNE_LIMIT_MS);
  }

  async function prune(step: PruneStep): Promise<Pruned> {
    // waiting steps go first
    await new Promise((resolve) => setImmediate(resolve));
    return use(async ({ query }) => {
      await verified(query);
      const text = statements.prune({ ...step, max_wait_ms: maxWaitMs });
      const [rows = []] = await query(text, statements.durable);
      return toPruned(rows);
    }, PRUNE_LIMIT_MS);
  }

  const groups = createGroups({
    connections,
    run,
    awaitLocks: (keys) =>
      use(async ({ query }) => {
        await query(
          statements.begin,
          statements.awaitLocks({ locks: keys, max_wait_ms: maxWaitMs }),
        );
        await query(statements.rollback);
      }),
    maxWaitMs,
    busy,
  });

  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      if (isClosed) throw new LedgerError("ledger_unavailable", "the ledger is closed");
      if (isDeciding) throw new LedgerError("ledger_unavailable", "called from within a decision");
      return await work();
    } catch (error) {
      throw rejection(error);
    }
  };

  /** A decision, during which the ledger rejects every call. */
  const alone =
    <T>(decide: (snapshot: LedgerSnapshot) => LedgerStep<T>) =>
    (snapshot: LedgerSnapshot): LedgerStep<T> => {
      isDeciding = true;
      try {
        return decide(snapshot);
      } finally {
        isDeciding = false;
      }
    };

  const bounded = (limit: number) => Math.min(limit, MAX_LISTED_RECORDS);
  return {
    clock: clock === "caller" ? "caller" : "ledger",
    transact: <T>(
      reads: PostgresStep["reads"],
      decide: (snapshot: LedgerSnapshot) => LedgerStep<T>,
    ) => guarded(async () => (await groups.submit({ reads, decide: alone(decide) })) as T),
    acceptClock: (nowMs, order) => guarded(() => accept(nowMs, order)),
    withdrawal: (id) =>
      guarded(async () => (await look(statements.withdrawal(id), toWithdrawals))[0] ?? null),
    records: (afterSeq, limit) =>
      guarded(async () => {
        await look(statements.numberRecords, () => null);
        return look(statements.records(afterSeq, bounded(limit)), toRecords);
      }),
    frozen: (after, limit) =>
      guarded(() => look(statements.frozen(after, bounded(limit)), toFreezes)),
    unsettled: (after, limit) =>
      guarded(() => look(statements.unsettled(after, bounded(limit)), toWithdrawals)),
    identity: () =>
      guarded(async () => {
        const { ledger_id, epoch } = await look(statements.state([]), toState);
        return { ledger_id, epoch };
      }),
    prune: (step) => guarded(() => prune(step)),
    async close() {
      isClosed = true;
      await groups.idle();
      await upkeep.idle();
    },
  };
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 1;
