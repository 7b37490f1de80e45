/** Opens and makes the ledger of a configuration, for commands. */
import type { Ledger } from "@dgb-shield/wallet-guardian";
import type { Pool } from "pg";
import { CommandError } from "../../errors.js";
import type { ServiceConfig } from "../../service/config/service-config.js";
import { LEDGER_COMMANDS } from "../../service/ledger-commands.js";

/** A ledger that is open, and the pool of a PostgreSQL one. */
export type OpenLedger = Readonly<{
  ledger: Ledger;
  pool: Pool | null;
  close: () => Promise<void>;
}>;

const CONNECT_MS = 5_000;

/**
 * Makes the ledger of a configuration where there is none; one that is there stays as it is.
 *
 * @throws CommandError `bad_data_folder`
 */
export async function makeLedger(config: ServiceConfig): Promise<void> {
  const { close } = await open(config, true);
  await close();
}

/**
 * Opens the ledger of a configuration; none is made.
 *
 * @throws CommandError `bad_data_folder`
 */
export const openLedger = (config: ServiceConfig): Promise<OpenLedger> => open(config, false);

async function open(config: ServiceConfig, create: boolean): Promise<OpenLedger> {
  try {
    const opened = await (config.ledger.kind === "sqlite"
      ? openFile(config.ledger.path, create)
      : openSchema(config, config.ledger, create));
    try {
      await opened.ledger.identity();
      return opened;
    } catch (error) {
      await opened.close();
      throw error;
    }
  } catch (error) {
    throw new CommandError(
      "bad_data_folder",
      `cannot use the ledger: ${ledgerErrorText(error)}`,
      error,
    );
  }
}

async function openFile(path: string, create: boolean): Promise<OpenLedger> {
  const { createSqliteLedger } = await import("@dgb-shield/wallet-guardian/sqlite");
  const ledger = createSqliteLedger({ path, create, commands: LEDGER_COMMANDS });
  return { ledger, pool: null, close: () => ledger.close() };
}

async function openSchema(
  { files }: ServiceConfig,
  { url, schema }: Readonly<{ url: string; schema: string }>,
  create: boolean,
): Promise<OpenLedger> {
  const pool = await poolOf(url);
  const { createPostgresLedger } = await import("@dgb-shield/wallet-guardian/postgres");
  const ledger = createPostgresLedger({ pool, schema, create, witness: files.ledger_witness });
  const close = async (): Promise<void> => {
    await ledger.close();
    await pool.end();
  };
  return { ledger, pool, close };
}

/** A pool of two connections, the caller's to end. */
export async function poolOf(url: string): Promise<Pool> {
  const { default: pg } = await import("pg");
  const pool = new pg.Pool({ connectionString: url, max: 2, connectionTimeoutMillis: CONNECT_MS });
  pool.on("error", () => undefined);
  return pool;
}

/** What is wrong with a ledger, and what to do; never an address. */
export function ledgerErrorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ledgerErrorText(error.cause) : null;
  const isDriver = /MODULE_NOT_FOUND|bindings file/.test(
    `${String((error as NodeJS.ErrnoException).code)} ${error.message}`,
  );
  if (isDriver)
    return "no SQLite driver: install Node 24, or a C++ compiler and npm install better-sqlite3";
  return cause === null || error.message.includes(cause)
    ? error.message
    : `${error.message} (${cause})`;
}
