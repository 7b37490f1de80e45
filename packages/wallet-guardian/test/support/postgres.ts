/** PostgreSQL for tests: the server that runs, else PGlite; each ledger has a schema of its own. */
import { randomBytes } from "node:crypto";
import { PGlite } from "@electric-sql/pglite";
import { missingPostgres } from "@dgb-shield/testkit/services";
import pg from "pg";
import {
  createPostgresLedger,
  type PostgresLedgerOptions,
  type PostgresPool,
} from "../../src/adapters/postgres/index.js";
import type { Ledger } from "../../src/index.js";

/** Where the server is. */
export const POSTGRES_URL =
  process.env["SHIELD_TEST_DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/test";

async function canConnect(): Promise<boolean> {
  const client = new pg.Client({ connectionString: POSTGRES_URL, connectionTimeoutMillis: 2_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

/** Whether the server answers; with `REQUIRE_SERVICES=1` it has to. */
export const hasPostgres = (await canConnect()) || missingPostgres(POSTGRES_URL);

/** A schema's name of its own. */
export const newSchema = (): string => `guardian_test_${randomBytes(6).toString("hex")}`;

/** A pool that the caller ends. */
export const newPool = (max = 4, connectionString = POSTGRES_URL): pg.Pool =>
  new pg.Pool({ connectionString, max });

/** A pool of one connection over PGlite, PostgreSQL inside the process. */
function litePool(lite: PGlite): PostgresPool {
  let last: Promise<void> = Promise.resolve();
  return {
    async connect() {
      const before = last;
      let release: () => void = () => undefined;
      last = new Promise((resolve) => {
        release = resolve;
      });
      await before;
      return {
        query: ({ text }) => lite.exec(text),
        release: (error) => {
          if (error === undefined) release();
          else void lite.exec("ROLLBACK").then(release, release);
        },
      };
    },
  };
}

/** Ledgers of one PGlite, one after the other. */
export type LiteLedgers = Readonly<{
  /** Starts PGlite and makes the schema; before the first ledger. */
  prepare: () => Promise<void>;
  /** A ledger without rows; closing it removes what it has written. */
  create: () => Ledger;
  end: () => Promise<void>;
}>;

/**
 * Makes ledgers in one schema that is migrated once: its rows, and the numbers of its sequences, are put back to what
 * the migration made of them, which takes a small part of a migration's time.
 */
export function createLiteLedgers(): LiteLedgers {
  const schema = newSchema();
  let lite: PGlite | undefined;
  let reset = "";
  const open = () => {
    if (lite === undefined) throw new Error("prepare first");
    return createPostgresLedger({
      clock: "caller",
      limitMs: 60_000,
      pool: litePool(lite),
      schema,
    });
  };
  return {
    async prepare() {
      lite = new PGlite();
      const ledger = open();
      await ledger.identity();
      await ledger.close();
      reset = await resetOf(lite, schema);
    },
    create() {
      const ledger = open();
      let isClosed = false;
      return {
        ...ledger,
        async close() {
          await ledger.close();
          if (isClosed) return;
          isClosed = true;
          await lite?.exec(reset);
        },
      };
    },
    end: async () => lite?.close(),
  };
}

/** Writes the SQL that puts a schema back to its present state; rows that it has now are kept in a copy. */
async function resetOf(lite: PGlite, schema: string): Promise<string> {
  const named = async (kind: "r" | "S"): Promise<string[]> => {
    const found = await lite.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = '${schema}'::regnamespace AND relkind = '${kind}'`,
    );
    return found.rows.map(({ name }) => name);
  };
  const restored = (await named("r")).map(async (table) => {
    const { rows } = await lite.query(`SELECT 1 FROM ${schema}.${table} LIMIT 1`);
    if (rows.length === 0) return [`DELETE FROM ${schema}.${table}`];
    const copy = `public.${schema}_${table}`;
    await lite.exec(`CREATE TABLE ${copy} AS TABLE ${schema}.${table}`);
    return [`DELETE FROM ${schema}.${table}`, `INSERT INTO ${schema}.${table} TABLE ${copy}`];
  });
  const sequences = (await named("S")).map(
    (name) => `SELECT setval('${schema}.${name}', 1, false)`,
  );
  return ["BEGIN", ...(await Promise.all(restored)).flat(), ...sequences, "COMMIT"].join("; ");
}

let lite: PGlite | undefined;

/** A ledger in a new schema, dropped when the ledger is closed. */
export function newPostgresLedger(options: Partial<PostgresLedgerOptions> = {}): Ledger {
  const schema = options.schema ?? newSchema();
  const pool = options.pool ?? (hasPostgres ? newPool() : litePool((lite ??= new PGlite())));
  const ledger = createPostgresLedger({
    clock: "caller",
    limitMs: 60_000,
    ...options,
    pool,
    schema,
  });
  let isClosed = false;
  return {
    ...ledger,
    async close() {
      await ledger.close();
      if (isClosed) return;
      isClosed = true;
      const client = await pool.connect();
      await client.query({ text: `DROP SCHEMA IF EXISTS ${schema} CASCADE` });
      client.release();
      if (pool instanceof pg.Pool) await pool.end();
    },
  };
}
