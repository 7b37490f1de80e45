/** Opens the ledger of a deployment, and what is kept beside it, by the configuration (design, section 10). */
import { createPostgresLedger } from "@dgb-shield/wallet-guardian/postgres";
import { createSqliteLedger } from "@dgb-shield/wallet-guardian/sqlite";
import type { Ledger } from "@dgb-shield/wallet-guardian";
import pg from "pg";
import { lockFolder } from "../../cli/folder-lock.js";
import { CommandError } from "../../errors.js";
import { createStateFile } from "../../pipeline/state/state-file.js";
import type { StateStore } from "../../pipeline/index.js";
import type { ServiceConfig } from "../config/service-config.js";
import { type ApprovalStore, createApprovalFile } from "./approvals/file.js";
import { createApprovalTable } from "./approvals/table.js";
import { ServiceError } from "./errors.js";
import { createLease } from "./lease.js";
import { createStateTable } from "./state-table.js";

/** What a deployment keeps. */
export type Storage = Readonly<{
  ledger: Ledger;
  state: StateStore;
  approvals: ApprovalStore;
  /** Whether this process is the one that watches and decides. */
  isActive(): boolean;
  close(): Promise<void>;
}>;

/** Connections of one process to PostgreSQL: four of the ledger, and one for the rest. */
const CONNECTIONS = 5;
const CONNECT_LIMIT_MS = 5_000;

/** Options that are not in the configuration. */
export type StorageOptions = Readonly<{
  clock: () => number;
  /** Receives errors of idle connections. */
  log: (text: string) => void;
  /** Whose time counts with PostgreSQL: the caller's while a recording is played faster than it was made. */
  ledgerClock: "database" | "caller";
  /** Ends the wait for another process that watches on the same schema. */
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
  { clock }: StorageOptions,
): Promise<Storage> {
  const unlock = await locked(data_dir);
  const ledger = createSqliteLedger({ path });
  await probed(ledger).catch((error: unknown) => {
    unlock();
    throw error;
  });
  const approvals = createApprovalFile(`${data_dir}/approvals.jsonl`, clock);
  return {
    ledger,
    state: createStateFile(files.state),
    approvals,
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
  { clock, log, ledgerClock, stop }: StorageOptions,
): Promise<Storage> {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
  });
  // Without a listener the loss of an idle connection would end the process.
  pool.on("error", (error) => log(`a connection to PostgreSQL was lost: ${error.message}`));
  const ledger = createPostgresLedger({
    ...{ pool, schema, create: false, witness: config.files.ledger_witness },
    clock: ledgerClock,
  });
  const lease = createLease(pool, schema, log);
  const end = async (): Promise<void> => {
    await lease.close();
    await ledger.close();
    await pool.end();
  };
  try {
    await probed(ledger);
    await lease.acquire(stop);
    return {
      ledger,
      state: await createStateTable(pool, schema, lease.isHeld),
      approvals: await createApprovalTable(pool, schema, clock),
      isActive: lease.isHeld,
      close: end,
    };
  } catch (error) {
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
