/** Opens the ledger of a deployment, and what is kept beside it, by the configuration (design, section 10). */
import { hostname } from "node:os";
import { join } from "node:path";
import { createPostgresLedger } from "@dgb-shield/wallet-guardian/postgres";
import { createSqliteLedger } from "@dgb-shield/wallet-guardian/sqlite";
import type { Ledger } from "@dgb-shield/wallet-guardian";
import pg from "pg";
import { lockFolder } from "../../cli/folder-lock.js";
import { CommandError } from "../../errors.js";
import { createStateFile } from "../../pipeline/state/state-file.js";
import type { StateStore } from "../../pipeline/index.js";
import type { ServiceConfig } from "../config/service-config.js";
import { type Bodies, createBodyFiles, createBodyTable } from "../governance/bodies.js";
import { LEDGER_COMMANDS } from "../ledger-commands.js";
import { systemFault } from "./ask-database.js";
import { type ApprovalStore, createApprovalFile } from "./approvals/file.js";
import { createApprovalTable } from "./approvals/table.js";
import { ServiceError } from "./errors.js";
import { createIncidentFile, createIncidentMemory } from "./incident-log/file.js";
import type { IncidentStore } from "./incident-log/store.js";
import { createIncidentTable } from "./incident-log/table.js";
import { createLease, createLeaseTables, EVIDENCE_TABLE, holdLease, type Lease } from "./lease.js";
import { loggedState } from "./logged-state.js";
import { createStateTable } from "./state-table.js";
import type { Trial } from "./watching.js";

type Kept = Readonly<{
  ledger: Ledger;
  approvals: ApprovalStore;
  /** Texts of what governs. */
  bodies: Bodies;
  incidents: IncidentStore;
  close(): Promise<void>;
}>;

/** What one process has alone: files, or in a trial a PostgreSQL schema. */
export type Alone = Kept &
  Readonly<{
    kind: "alone";
    state: StateStore;
    /** Whether this process still has it alone. */
    isActive(): boolean;
  }>;

/** A PostgreSQL schema on which several processes decide, and one of them watches. */
export type Shared = Kept &
  Readonly<{ kind: "shared"; pool: pg.Pool; schema: string; lease: Lease }>;

/** What a deployment keeps. */
export type Storage = Alone | Shared;

/** Connections of one process to PostgreSQL: four of the ledger, one for the evidence, and one for the rest. */
const CONNECTIONS = 6;
const CONNECT_LIMIT_MS = 5_000;

/** Options that are not in the configuration. */
export type StorageOptions = Readonly<{
  clock: () => number;
  /** Receives errors of idle connections. */
  log: (text: string) => void;
  /** The recording that is played; null where nodes are watched. */
  trial: Trial | null;
  /** Ends the wait for another trial on the same schema. */
  stop?: AbortSignal | undefined;
}>;

/**
 * Opens what a deployment keeps. Nothing is made here but tables beside a ledger that is there.
 *
 * @throws ServiceError `ledger_missing`, `ledger_failed`, `state_failed`, with what to do
 */
export async function openStorage(
  config: ServiceConfig,
  options: StorageOptions,
): Promise<Storage> {
  return config.ledger.kind === "sqlite"
    ? openFiles(config, config.ledger.path, options)
    : openDatabase(config, config.ledger, options);
}

async function openFiles(
  { files, data_dir }: ServiceConfig,
  path: string,
  { clock, log, trial }: StorageOptions,
): Promise<Storage> {
  const unlock = await locked(data_dir);
  const ledger = createSqliteLedger({ path, commands: LEDGER_COMMANDS });
  await probed(ledger).catch((error: unknown) => {
    unlock();
    throw error;
  });
  const approvals = createApprovalFile(`${data_dir}/approvals.jsonl`, clock);
  return {
    kind: "alone",
    ledger,
    state: loggedState(createStateFile(files.state), log),
    approvals,
    bodies: createBodyFiles(join(data_dir, "governance")),
    incidents:
      trial === null
        ? createIncidentFile(join(data_dir, "incidents.jsonl"), clock)
        : createIncidentMemory(clock),
    // The process that serves a data_dir locks it.
    isActive: () => true,
    async close() {
      await approvals.close();
      await ledger.close();
      unlock();
    },
  };
}

/** Takes the folder for this process alone: a second one would decide on a state that it does not see change. */
async function locked(folder: string): Promise<() => void> {
  try {
    return await lockFolder(folder);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const remedy = "end the other one, or give this one a data_dir of its own";
    throw new ServiceError("in_use", `another process serves ${folder}: ${remedy}`, error);
  }
}

async function openDatabase(
  config: ServiceConfig,
  { url, schema }: Readonly<{ url: string; schema: string }>,
  { clock, log, trial, stop }: StorageOptions,
): Promise<Storage> {
  // Keys, witness and outbox in it are of one process.
  const unlock = await locked(config.data_dir);
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
  });
  // Without a listener the loss of an idle connection would end the process.
  pool.on("error", (error) => log(`a connection to PostgreSQL was lost: ${systemFault(error)}`));
  const ledger = createPostgresLedger({
    ...{ pool, schema, create: false, witness: config.files.ledger_witness },
    // The caller's time counts while a recording is played faster than it was made.
    clock: trial === null || trial.clock.speed === 1 ? "database" : "caller",
    ...(trial === null ? { evidenceTable: EVIDENCE_TABLE } : {}),
  });
  const name = `${hostname()}:${config.http.port === 0 ? process.pid : config.http.port}`;
  const lease = createLease(pool, schema, { name, log });
  const end = async (): Promise<void> => {
    await ledger.close();
    await pool.end();
    unlock();
  };
  try {
    await probed(ledger);
    await createLeaseTables(pool, schema);
    const approvals = await createApprovalTable(pool, schema, clock);
    const bodies = await createBodyTable(pool, schema);
    if (trial === null) {
      const incidents = await createIncidentTable(pool, schema, clock);
      const kept = { ledger, approvals, bodies, incidents };
      return { kind: "shared", ...kept, pool, schema, lease, close: end };
    }
    const giveUp = await holdLease(lease, { stop, log });
    const close = async (): Promise<void> => {
      await giveUp();
      await end();
    };
    const state = loggedState(await createStateTable(pool, schema, lease), log);
    const kept = { ledger, approvals, bodies, incidents: createIncidentMemory(clock) };
    return { kind: "alone", ...kept, state, isActive: lease.isHeld, close };
  } catch (error) {
    await lease.release();
    await end();
    if (error instanceof ServiceError) throw error;
    throw new ServiceError(
      "state_failed",
      `cannot use the schema ${schema}: ${textOf(error)}`,
      error,
    );
  }
}

/** Reads from a ledger once, so that what is wrong with it is an error of the start. */
async function probed(ledger: Ledger): Promise<void> {
  try {
    await ledger.identity();
  } catch (error) {
    const isMissing = /no such file|does not exist|is missing|has no ledger/i.test(textOf(error));
    const code = isMissing ? "ledger_missing" : "ledger_failed";
    const remedy = isMissing ? ": run shield init" : "";
    throw new ServiceError(code, `cannot use the ledger: ${textOf(error)}${remedy}`, error);
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
