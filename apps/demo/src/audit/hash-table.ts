/** Stores the hashes of a tree in a table beside a PostgreSQL ledger: a row for each 256 of a level. */
import type { HashStore } from "@dgb-shield/wallet-guardian/audit";
import pg from "pg";
import { createTable } from "../service/runtime/state-table.js";
import { bytesOf, HASH_BYTES, hashesIn, TILE } from "./hash-file.js";

type Row = Readonly<{ tile: string; hashes: Buffer }>;

/**
 * Creates a store in the table `audit_hashes` of the ledger's schema, which is made where it is missing. Several processes
 * may append: of two that append the same the longer row stays.
 */
export async function createHashTable(pool: pg.Pool, schema: string): Promise<HashStore> {
  const table = `${pg.escapeIdentifier(schema)}.audit_hashes`;
  await createTable(
    pool,
    `CREATE TABLE IF NOT EXISTS ${table} (
      level int NOT NULL, tile bigint NOT NULL, hashes bytea NOT NULL, PRIMARY KEY (level, tile))`,
  );
  return hashTable(pool, table);
}

/** Opens the store of a schema for reading; without the table it has no hash. */
export async function openHashTable(pool: pg.Pool, schema: string): Promise<HashStore | null> {
  const name = `${pg.escapeIdentifier(schema)}.audit_hashes`;
  const { rows } = await pool.query<{ is: boolean }>("SELECT to_regclass($1) IS NOT NULL AS is", [
    name,
  ]);
  return rows[0]?.is === true ? hashTable(pool, name) : null;
}

function hashTable(pool: pg.Pool, table: string): HashStore {
  const last = async (level: number): Promise<Row | undefined> => {
    const { rows } = await pool.query<Row>(
      `SELECT tile, hashes FROM ${table} WHERE level = $1 ORDER BY tile DESC LIMIT 1`,
      [level],
    );
    return rows[0];
  };
  const countIn = (row: Row | undefined): number =>
    row === undefined ? 0 : Number(row.tile) * TILE + Math.floor(row.hashes.length / HASH_BYTES);
  return Object.freeze({
    count: async (level) => countIn(await last(level)),
    async read(level, from, count) {
      const first = Math.floor(from / TILE);
      const { rows } = await pool.query<Row>(
        `SELECT tile, hashes FROM ${table} WHERE level = $1 AND tile BETWEEN $2 AND $3 ORDER BY tile`,
        [level, first, Math.floor((from + count - 1) / TILE)],
      );
      const all = hashesIn(Buffer.concat(rows.map(({ hashes }) => hashes)));
      const found = all.slice(from - first * TILE, from - first * TILE + count);
      const isWhole = rows.every(({ tile }, at) => Number(tile) === first + at);
      if (!isWhole || found.length < count)
        throw new RangeError(`level ${level} ends before hash ${from + count}`);
      return found;
    },
    async append(level, from, hashes) {
      const end = await last(level);
      if (from > countIn(end)) throw new RangeError(`level ${level} ends before hash ${from}`);
      const first = Math.floor(from / TILE);
      const before = from % TILE === 0 ? [] : await this.read(level, first * TILE, from % TILE);
      const all = [...before, ...hashes];
      const tiles = Array.from({ length: Math.ceil(all.length / TILE) }, (_, at) => first + at);
      const rows = tiles.map((_, at) => bytesOf(all.slice(at * TILE, (at + 1) * TILE)));
      await pool.query(
        `INSERT INTO ${table} AS t SELECT $1, tile, hashes FROM unnest($2::bigint[], $3::bytea[]) AS n (tile, hashes)
          ON CONFLICT (level, tile) DO UPDATE SET hashes = excluded.hashes
          WHERE length(excluded.hashes) > length(t.hashes)`,
        [level, tiles, rows],
      );
    },
    async truncate(size) {
      await pool.query(
        `WITH kept AS (
          SELECT level, floor(trunc($1::numeric / power($2::numeric, level)) / $2)::bigint AS tile,
            (trunc($1::numeric / power($2::numeric, level)) % $2)::int AS rest
          FROM generate_series(0, 6) AS level
        ), shortened AS (
          UPDATE ${table} AS t SET hashes = substr(t.hashes, 1, kept.rest * $3)
            FROM kept WHERE t.level = kept.level AND t.tile = kept.tile AND kept.rest > 0
              AND length(t.hashes) > kept.rest * $3
        )
        DELETE FROM ${table} AS t USING kept
          WHERE t.level = kept.level AND (t.tile > kept.tile OR (t.tile = kept.tile AND kept.rest = 0))`,
        [size, TILE, HASH_BYTES],
      );
    },
  } satisfies HashStore);
}
