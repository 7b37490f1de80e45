/** Keeps up to which record of the ledger events were delivered. */
import { readFile, rename, writeFile } from "node:fs/promises";
import type pg from "pg";
import { z } from "zod";
import { askDatabase } from "../ask-database.js";
import { sharedTables } from "../lease.js";
import { createTable } from "../state-table.js";

/** A place in a ledger. */
export type Place = Readonly<{ ledger_id: string; seq: number }>;

/** Where the place is kept. */
export type EventCursor = Readonly<{
  /**
   * Null where none was kept.
   *
   * @throws where what is there cannot be read: to begin anew would leave events out
   */
  load(): Promise<Place | null>;
  /** Keeps a place; one that is not later than the kept one of the same ledger changes nothing. */
  save(place: Place): Promise<void>;
}>;

const placeSchema = z.strictObject({
  ledger_id: z.string().regex(/^[0-9a-f]{32}$/),
  seq: z.int().min(0),
});

/** Creates a cursor in a file, which is flushed and renamed. */
export function createCursorFile(path: string): EventCursor {
  return Object.freeze({
    async load() {
      const text = await textOf(path);
      if (text === null) return null;
      try {
        return placeSchema.parse(JSON.parse(text));
      } catch (error) {
        const advice =
          'write {"ledger_id": "…", "seq": …} of the last record that was delivered, or remove it to go on with the newest';
        throw new Error(`${path} is damaged: ${advice}`, { cause: error });
      }
    },
    async save(place) {
      await writeFile(`${path}.new`, JSON.stringify(place), { mode: 0o600, flush: true });
      await rename(`${path}.new`, path);
    },
  } satisfies EventCursor);
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/**
 * Creates a cursor in the table `service_events` of the ledger's schema, for every process of the deployment.
 *
 * @throws what the database answers
 */
export async function createCursorTable(pool: pg.Pool, schema: string): Promise<EventCursor> {
  const { events } = sharedTables(schema);
  await createTable(
    pool,
    `CREATE TABLE IF NOT EXISTS ${events} (id int PRIMARY KEY CHECK (id = 1), ledger_id text NOT NULL, seq bigint NOT NULL)`,
  );
  return Object.freeze({
    async load() {
      const { rows } = await pool.query<{ ledger_id: string; seq: string }>(
        `SELECT ledger_id, seq::text FROM ${events} WHERE id = 1`,
      );
      const [row] = rows;
      return row === undefined ? null : placeSchema.parse({ ...row, seq: Number(row.seq) });
    },
    async save({ ledger_id, seq }) {
      await pool.query(
        `INSERT INTO ${events} AS kept VALUES (1, $1, $2) ON CONFLICT (id)
         DO UPDATE SET ledger_id = excluded.ledger_id, seq = excluded.seq
         WHERE kept.ledger_id <> excluded.ledger_id OR kept.seq < excluded.seq`,
        [ledger_id, seq],
      );
    },
  } satisfies EventCursor);
}

/**
 * Makes the table of the webhooks' cursors in the ledger's schema, where it is missing.
 *
 * @returns how to have the cursor of a webhook, for every process of the deployment
 * @throws what the database answers
 */
export async function createNamedCursors(
  pool: pg.Pool,
  schema: string,
): Promise<(name: string) => EventCursor> {
  const { webhooks } = sharedTables(schema);
  await createTable(
    pool,
    `CREATE TABLE IF NOT EXISTS ${webhooks} (name text PRIMARY KEY, ledger_id text NOT NULL, seq bigint NOT NULL)`,
  );
  return (name) =>
    Object.freeze({
      async load() {
        const { rows } = await askDatabase<{ ledger_id: string; seq: string }>(
          pool,
          `SELECT ledger_id, seq::text FROM ${webhooks} WHERE name = $1`,
          [name],
        );
        const [row] = rows;
        return row === undefined ? null : placeSchema.parse({ ...row, seq: Number(row.seq) });
      },
      async save({ ledger_id, seq }) {
        await askDatabase(
          pool,
          `INSERT INTO ${webhooks} AS kept VALUES ($1, $2, $3) ON CONFLICT (name)
           DO UPDATE SET ledger_id = excluded.ledger_id, seq = excluded.seq
           WHERE kept.ledger_id <> excluded.ledger_id OR kept.seq < excluded.seq`,
          [name, ledger_id, seq],
        );
      },
    } satisfies EventCursor);
}
