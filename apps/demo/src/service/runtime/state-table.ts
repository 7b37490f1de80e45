/** Stores the state of layers 1 to 3 in one row beside a PostgreSQL ledger. */
import pg from "pg";
import { askDatabase } from "./ask-database.js";
import type { StateStore } from "../../pipeline/index.js";

/**
 * Creates a store in the table `service_state` of the ledger's schema, which is made where it is missing. The row is
 * read here, once; a save resolves when the database has committed it.
 *
 * @param lease what this process must hold at each save; null for a command that runs while every service is stopped
 * @throws what the database answers
 */
export async function createStateTable(
  pool: pg.Pool,
  schema: string,
  lease: Readonly<{ owner(): string | null }> | null,
): Promise<StateStore> {
  const of = (name: string): string => `${pg.escapeIdentifier(schema)}.${name}`;
  const table = of("service_state");
  await createTable(
    pool,
    `CREATE TABLE IF NOT EXISTS ${table} (id int PRIMARY KEY CHECK (id = 1), body text NOT NULL)`,
  );
  const { rows } = await askDatabase<{ body: string }>(
    pool,
    `SELECT body FROM ${table} WHERE id = 1`,
  );
  const stored = rows[0]?.body ?? null;
  const owner = lease?.owner() ?? null;
  // The lock of the lease's row keeps another process from taking it before this is committed.
  const holder =
    lease === null
      ? "(SELECT $2::text IS NULL AS is_held) held WHERE is_held"
      : `(SELECT FROM ${of("service_lease")} WHERE owner = $2 FOR SHARE) held`;
  return Object.freeze({
    load: () => stored,
    async save(text: string) {
      const { rowCount } = await askDatabase(
        pool,
        `INSERT INTO ${table} (id, body) SELECT 1, $1 FROM ${holder}
         ON CONFLICT (id) DO UPDATE SET body = excluded.body`,
        [text, owner],
      );
      if (rowCount === 0) throw new Error("another process watches in this one's place");
    },
  });
}

/** SQLSTATEs with which a table is reported that another process creates at the same moment. */
const CREATED_MEANWHILE: ReadonlySet<unknown> = new Set([
  "23505",
  "42P07",
  "42701",
  "42710",
  "XX000",
]);

/** Makes a table; one that another process makes at the same moment is taken. */
export async function createTable(pool: pg.Pool, statement: string): Promise<void> {
  try {
    await askDatabase(pool, statement);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (!CREATED_MEANWHILE.has(code)) throw error;
    await askDatabase(pool, statement);
  }
}
