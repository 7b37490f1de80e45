/** A durable sequence store in PostgreSQL, over a pool of the caller (design, section 3: signing). */
import { ownMember } from "../../internal/own.js";
import { SigningError } from "../../signing/errors.js";
import { checkAdvance, type SequenceStore } from "../../signing/ports.js";

/** What the store uses of a `pg` pool. */
export interface PostgresQueries {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/** Where the sequences are. */
export type PostgresSequenceOptions = Readonly<{
  /**
   * A pool, each of whose queries is a transaction of its own; the caller ends it. A client inside a
   * transaction would advance what a rollback takes back.
   */
  pool: PostgresQueries;
  /** The schema of the table, default `public`: `^[a-z_][a-z0-9_]{0,62}$`. */
  schema?: string;
  /**
   * Whether a missing table is created: true for the first start alone. Absent or false: a schema without
   * the table is refused, since a lost table would accept old batches once more.
   */
  create?: boolean;
}>;

const SCHEMA = /^[a-z_][a-z0-9_]{0,62}$/;
const MAX_SEQUENCE = String(Number.MAX_SAFE_INTEGER);

const FIND = `SELECT c.relkind = 'r' AND c.relpersistence = 'p' AND NOT c.relrowsecurity AS is_plain,
  (SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull, ', ' ORDER BY a.attnum)
    FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
  EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND i.indkey::text = '1') AS is_keyed,
  current_setting('synchronous_commit') AS durability
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = 'shield_batch_sequences'`;
const COLUMNS = "key_id text true, last bigint true";

/**
 * Opens a sequence store. Any number of processes may share one table: a row's lock orders them.
 *
 * `advance` rejects, and `verifyBatch` answers `store_unavailable`, when the server cannot be reached, answers
 * something else, or has `synchronous_commit` off.
 *
 * @throws SigningError `invalid_store`: a name that is no schema, no table without `create`, a temporary,
 * unlogged or other table of that name, or `synchronous_commit` off; rejects with the driver's error
 */
export async function createPostgresSequenceStore(
  options: PostgresSequenceOptions,
): Promise<SequenceStore> {
  const { pool } = options;
  const named = ownMember(options, "schema");
  const schema = named === undefined ? "public" : named;
  if (typeof schema !== "string" || !SCHEMA.test(schema))
    throw unusable("not the name of a schema");
  const table = `"${schema}".shield_batch_sequences`;
  const [before] = (await pool.query(FIND, [schema])).rows;
  if (before === undefined && ownMember(options, "create") === true) await createTable(pool, table);
  checkTable((await pool.query(FIND, [schema])).rows, table);
  return {
    advance: async (keyId, sequence) => {
      checkAdvance(keyId, sequence);
      const { rows } = await pool.query(advanceIn(table), [keyId, String(sequence)]);
      return isAdvanced(rows, sequence);
    },
  };
}

const unusable = (detail: string): SigningError => new SigningError("invalid_store", "", detail);

const advanceIn = (table: string): string =>
  `INSERT INTO ${table} AS known (key_id, last) VALUES ($1, $2::bigint)
ON CONFLICT (key_id) DO UPDATE SET last = excluded.last WHERE known.last < excluded.last
RETURNING last::text AS last, current_setting('synchronous_commit') AS durability`;

/** Another process created it: duplicate_table, its type (duplicate_object), or the row of that in the catalogue. */
const CREATED_MEANWHILE: ReadonlySet<unknown> = new Set(["42P07", "42710", "23505"]);

/** Creates the table; where another process has just done so, its table is checked as any other. */
async function createTable(pool: PostgresQueries, table: string): Promise<void> {
  const sql = `CREATE TABLE ${table} (key_id text COLLATE "C" PRIMARY KEY, last bigint NOT NULL CHECK (last BETWEEN 0 AND ${MAX_SEQUENCE}))`;
  await pool.query(sql).catch((error: unknown) => {
    const code = memberOf(error, "code");
    if (!CREATED_MEANWHILE.has(code)) throw error;
  });
}

function checkTable(rows: readonly unknown[], table: string): void {
  if (rows.length === 0) {
    throw unusable(`there is no table ${table}: pass create on the first start, or restore it`);
  }
  const [row] = rows;
  if (memberOf(row, "durability") === "off") throw unusable("synchronous_commit is off");
  const isOurs =
    rows.length === 1 &&
    memberOf(row, "is_plain") === true &&
    memberOf(row, "is_keyed") === true &&
    memberOf(row, "columns") === COLUMNS;
  if (!isOurs) throw unusable(`${table} is another table, or one that a crash empties`);
}

/** Whether the statement advanced the sequence. */
function isAdvanced(rows: unknown, sequence: number): boolean {
  if (!Array.isArray(rows) || rows.length > 1) throw unusable("the server answers something else");
  if (rows.length === 0) return false;
  const row: unknown = rows[0];
  if (memberOf(row, "durability") === "off") throw unusable("synchronous_commit is off");
  if (memberOf(row, "last") === String(sequence)) return true;
  throw unusable("the server answers something else");
}

const memberOf = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? ownMember(value, key) : undefined;
