/** PostgreSQL for tests: the server that runs, else PGlite; each ledger has a schema of its own. */
import { randomBytes } from "node:crypto";
import { PGlite } from "@electric-sql/pglite";
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
export const hasPostgres = process.env["REQUIRE_SERVICES"] === "1" || (await canConnect());
if (!hasPostgres) {
  console.warn(`no PostgreSQL at ${POSTGRES_URL}: using PGlite, skipping what needs a server`);
}

/** A schema's name of its own. */
export const newSchema = (): string => `guardian_test_${randomBytes(6).toString("hex")}`;

/** A pool that the caller ends. */
export const newPool = (max = 4, connectionString = POSTGRES_URL): pg.Pool =>
  new pg.Pool({ connectionString, max });

/** A pool of one connection over PGlite, PostgreSQL inside the process. */
export function litePool(lite: PGlite): PostgresPool {
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
