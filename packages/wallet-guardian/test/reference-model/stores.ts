/** Ledgers for many histories, one after the other: each is empty, and none costs what a new database would. */
import { createPostgresLedger } from "../../src/adapters/postgres/index.js";
import { createSqliteLedger } from "../../src/adapters/sqlite/index.js";
import { createMemoryLedger, type Ledger } from "../../src/index.js";
import { newPool, newSchema } from "../support/postgres.js";

/** Empty ledgers of one kind. */
export type Store = Readonly<{ next: () => Promise<Ledger>; close: () => Promise<void> }>;

export const STORES = ["memory", "sqlite", "postgres"] as const;
export type StoreName = (typeof STORES)[number];

/**
 * Makes a store.
 *
 * @throws where the PostgreSQL server does not answer
 */
export function createStore(name: StoreName): Promise<Store> {
  const nothing = () => Promise.resolve();
  switch (name) {
    case "memory":
      return Promise.resolve({ next: () => Promise.resolve(createMemoryLedger()), close: nothing });
    case "sqlite":
      return Promise.resolve({
        next: () => Promise.resolve(createSqliteLedger({ path: ":memory:" })),
        close: nothing,
      });
    case "postgres":
      return createPostgresStore();
  }
}

/** One schema, which is given back as it was when it was new; every history has a ledger and a connection of its own. */
async function createPostgresStore(): Promise<Store> {
  const schema = newSchema();
  const pool = newPool(2);
  const open = () => createPostgresLedger({ pool, schema, clock: "caller", limitMs: 60_000 });
  const run = (text: string) => pool.query<Record<string, string>>(text);
  const first = open();
  await first.identity();
  await first.close();
  const { rows } = await run(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = '${schema}'`,
  );
  const tables = rows.map(({ name = "" }) => name);
  const reset = [];
  for (const table of tables) {
    await run(`CREATE TABLE ${schema}."new ${table}" AS TABLE ${schema}.${table}`);
    reset.push(`DELETE FROM ${schema}.${table}`);
    const kept = await run(`SELECT 1 FROM ${schema}.${table} LIMIT 1`);
    if (kept.rows.length > 0) {
      reset.push(`INSERT INTO ${schema}.${table} SELECT * FROM ${schema}."new ${table}"`);
    }
  }
  const all = `BEGIN; SET LOCAL synchronous_commit = off; ${reset.join("; ")}; COMMIT`;
  return {
    async next() {
      await run(all);
      return open();
    },
    async close() {
      await run(`DROP SCHEMA ${schema} CASCADE`);
      await pool.end();
    },
  };
}
