/** Keeps checkpoints in tables beside a PostgreSQL ledger. */
import pg from "pg";
import { createTable } from "../service/runtime/state-table.js";
import type { CheckpointStore } from "./checkpoint-store.js";

/** Creates a store in tables of the ledger's schema, made where they are missing. */
export async function createCheckpointTable(
  pool: pg.Pool,
  schema: string,
): Promise<CheckpointStore> {
  const [lines, exported] = namesIn(schema);
  await createTable(
    pool,
    `CREATE TABLE IF NOT EXISTS ${lines} (number bigint PRIMARY KEY, line text NOT NULL)`,
  );
  await createTable(
    pool,
    `CREATE TABLE IF NOT EXISTS ${exported} (name text PRIMARY KEY, number bigint NOT NULL)`,
  );
  return checkpointTable(pool, lines, exported);
}

/** Opens the store of a schema for reading; null without its tables. */
export async function openCheckpointTable(
  pool: pg.Pool,
  schema: string,
): Promise<CheckpointStore | null> {
  const [lines, exported] = namesIn(schema);
  const { rows } = await pool.query<{ is: boolean }>("SELECT to_regclass($1) IS NOT NULL AS is", [
    lines,
  ]);
  return rows[0]?.is === true ? checkpointTable(pool, lines, exported) : null;
}

const namesIn = (schema: string): readonly [string, string] => {
  const quoted = pg.escapeIdentifier(schema);
  return [`${quoted}.audit_checkpoints`, `${quoted}.audit_exported`];
};

type Numbered = Readonly<{ number: string | null }>;

function checkpointTable(pool: pg.Pool, lines: string, exported: string): CheckpointStore {
  const count = async (): Promise<number> => {
    const { rows } = await pool.query<Numbered>(`SELECT max(number) AS number FROM ${lines}`);
    return Number(rows[0]?.number ?? 0);
  };
  return Object.freeze({
    count,
    async line(number) {
      const { rows } = await pool.query<{ line: string }>(
        `SELECT line FROM ${lines} WHERE number = $1`,
        [number],
      );
      const [row] = rows;
      if (row === undefined) throw new RangeError(`there is no checkpoint ${number}`);
      return row.line;
    },
    async append(line) {
      // Two processes that append at once: the second one fails, and goes on from what the first wrote.
      await pool.query(`INSERT INTO ${lines} VALUES ($1, $2)`, [(await count()) + 1, line]);
    },
    async exported(name) {
      const { rows } = await pool.query<Numbered>(
        `SELECT number FROM ${exported} WHERE name = $1`,
        [name],
      );
      return Number(rows[0]?.number ?? 0);
    },
    async setExported(name, number) {
      await pool.query(
        `INSERT INTO ${exported} VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET number = excluded.number`,
        [name, number],
      );
    },
    close: () => Promise.resolve(),
  } satisfies CheckpointStore);
}
