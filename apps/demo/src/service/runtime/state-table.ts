/** Stores the state of layers 1 to 3 in one row beside a PostgreSQL ledger. */
import pg from "pg";
import type { StateStore } from "../../pipeline/index.js";

/**
 * Creates a store in the table `service_state` of the ledger's schema, which is made where it is missing. The row is
 * read here, once; a save resolves when the database has committed it.
 *
 * @param isHeld whether this process watches; once another one does, nothing is saved any more
 * @throws what the database answers
 */
export async function createStateTable(
  pool: pg.Pool,
  schema: string,
  isHeld: () => boolean,
): Promise<StateStore> {
  const table = `${pg.escapeIdentifier(schema)}.service_state`;
  await createTable(
    pool,
    `CREATE TABLE IF NOT EXISTS ${table} (id int PRIMARY KEY CHECK (id = 1), body text NOT NULL)`,
  );
  const { rows } = await pool.query<{ body: string }>(`SELECT body FROM ${table} WHERE id = 1`);
  const stored = rows[0]?.body ?? null;
  return Object.freeze({
    load: () => stored,
    async save(text: string) {
      if (!isHeld()) throw new Error("another process watches in this one's place");
      await pool.query(
        `INSERT INTO ${table} (id, body) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET body = excluded.body`,
        [text],
      );
    },
  });
}

/** SQLSTATEs with which a table is reported that another process creates at the same moment. */
const CREATED_MEANWHILE: ReadonlySet<unknown> = new Set(["23505", "42P07", "42710"]);

/** Makes a table; one that another process makes at the same moment is taken. */
export async function createTable(pool: pg.Pool, statement: string): Promise<void> {
  try {
    await pool.query(statement);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (!CREATED_MEANWHILE.has(code)) throw error;
    await pool.query(statement);
  }
}
