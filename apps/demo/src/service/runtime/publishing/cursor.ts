/** Keeps up to which record of the ledger events were delivered. */
import { readFile, rename, writeFile } from "node:fs/promises";
import type pg from "pg";
import { z } from "zod";
import { askDatabase } from "../ask-database.js";
import { sharedTables } from "../lease.js";
import type { Place } from "../places/place.js";
import { createTable } from "../state-table.js";

/** Where the place is kept. */
export type EventCursor = Readonly<{
  /**
   * Null where none was kept.
   *
   * @throws where what is there cannot be read: to begin anew would leave events out
   */
  load(): Promise<Place | null>;
  /** Keeps a place; one that is not later than the kept one of the same ledger and epoch changes nothing. */
  save(place: Place): Promise<void>;
  /** Keeps a place, whatever is kept: where a reader begins anew. */
  restart(place: Place): Promise<void>;
}>;

const placeSchema = z.strictObject({
  ledger_id: z.string().regex(/^[0-9a-f]{32}$/),
  epoch: z.int().min(1).nullable().default(null),
  seq: z.int().min(0),
  mark: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .nullable()
    .default(null),
});

/** Creates a cursor in a file, which is flushed and renamed. */
export function createCursorFile(path: string): EventCursor {
  async function write(place: Place): Promise<void> {
    await writeFile(`${path}.new`, JSON.stringify(place), { mode: 0o600, flush: true });
    await rename(`${path}.new`, path);
  }
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
    save: write,
    restart: write,
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
    `CREATE TABLE IF NOT EXISTS ${events} (id int PRIMARY KEY CHECK (id = 1), ledger_id text NOT NULL, seq bigint NOT NULL);
     ${epochColumns(events)}`,
  );
  return cursorIn(pool, events, { column: "id", value: 1 });
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
    `CREATE TABLE IF NOT EXISTS ${webhooks} (name text PRIMARY KEY, ledger_id text NOT NULL, seq bigint NOT NULL);
     ${epochColumns(webhooks)}`,
  );
  return (name) => cursorIn(pool, webhooks, { column: "name", value: name });
}

/** A process of an earlier version leaves them as they are, so that the number they belong to is in `mark`. */
const epochColumns = (table: string): string =>
  `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS epoch bigint NOT NULL DEFAULT 0;
   ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS mark text NOT NULL DEFAULT ''`;

type Row = Readonly<{ ledger_id: string; seq: string; epoch: string; mark: string }>;

function cursorIn(
  pool: pg.Pool,
  table: string,
  { column, value }: Readonly<{ column: "id" | "name"; value: number | string }>,
): EventCursor {
  async function write({ ledger_id, seq, epoch, mark }: Place, where: string): Promise<void> {
    await askDatabase(
      pool,
      `INSERT INTO ${table} AS kept (${column}, ledger_id, seq, epoch, mark) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (${column}) DO UPDATE SET ledger_id = excluded.ledger_id, seq = excluded.seq,
         epoch = excluded.epoch, mark = excluded.mark ${where}`,
      [value, ledger_id, seq, epoch ?? 0, `${seq}-${mark ?? ""}`],
    );
  }
  return Object.freeze({
    async load() {
      const { rows } = await askDatabase<Row>(
        pool,
        `SELECT ledger_id, seq::text, epoch::text, mark FROM ${table} WHERE ${column} = $1`,
        [value],
      );
      const [row] = rows;
      return row === undefined ? null : placeIn(row);
    },
    save: (place) =>
      write(
        place,
        `WHERE kept.ledger_id <> excluded.ledger_id OR kept.epoch < excluded.epoch
           OR (kept.epoch = excluded.epoch AND kept.seq < excluded.seq)`,
      ),
    restart: (place) => write(place, ""),
  } satisfies EventCursor);
}

function placeIn({ ledger_id, seq, epoch, mark }: Row): Place {
  const isWhole = epoch !== "0" && mark.startsWith(`${seq}-`);
  const of = isWhole ? { epoch: Number(epoch), mark: mark.slice(seq.length + 1) || null } : {};
  return placeSchema.parse({ ledger_id, seq: Number(seq), ...of });
}
