/** Stores salts in a table beside a PostgreSQL ledger: a row for each 256, zeros for none. */
import type { SaltStore } from "@dgb-shield/wallet-guardian/audit";
import pg from "pg";
import { createTable } from "../service/runtime/state-table.js";
import { TILE } from "./hash-file.js";
import { bytesOfSalts, SALT_BYTES, saltsIn } from "./salt-bytes.js";

type Row = Readonly<{ tile: string; salts: Buffer }>;

/**
 * Creates a store in the table `audit_salts` of the ledger's schema, which is made where it is missing. Of two processes that append at
 * the same time the first one's salts stay.
 */
export async function createSaltTable(pool: pg.Pool, schema: string): Promise<SaltStore> {
  const table = tableIn(schema);
  await createTable(
    pool,
    `CREATE TABLE IF NOT EXISTS ${table} (tile bigint PRIMARY KEY, salts bytea NOT NULL)`,
  );
  return saltTable(pool, table);
}

/** Opens the store of a schema; null without the table. */
export async function openSaltTable(pool: pg.Pool, schema: string): Promise<SaltStore | null> {
  const table = tableIn(schema);
  const { rows } = await pool.query<{ is: boolean }>("SELECT to_regclass($1) IS NOT NULL AS is", [
    table,
  ]);
  return rows[0]?.is === true ? saltTable(pool, table) : null;
}

const tableIn = (schema: string): string => `${pg.escapeIdentifier(schema)}.audit_salts`;

function saltTable(pool: pg.Pool, table: string): SaltStore {
  const count = async (): Promise<number> => {
    const { rows } = await pool.query<{ tile: string; bytes: number }>(
      `SELECT tile, length(salts) AS bytes FROM ${table} ORDER BY tile DESC LIMIT 1`,
    );
    const [last] = rows;
    return last === undefined ? 0 : Number(last.tile) * TILE + last.bytes / SALT_BYTES;
  };
  return Object.freeze({
    count,
    async read(from, many) {
      const first = Math.floor(from / TILE);
      const { rows } = await pool.query<Row>(
        `SELECT tile, salts FROM ${table} WHERE tile BETWEEN $1 AND $2 ORDER BY tile`,
        [first, Math.floor((from + many - 1) / TILE)],
      );
      const all = saltsIn(Buffer.concat(rows.map(({ salts }) => salts)));
      const found = all.slice(from - first * TILE, from - first * TILE + many);
      const isWhole = rows.every(({ tile }, at) => Number(tile) === first + at);
      if (!isWhole || found.length < many)
        throw new RangeError(`the salts end before ${from + many}`);
      return found;
    },
    async append(from, salts) {
      if (from > (await count())) throw new RangeError(`the salts end before ${from}`);
      const first = Math.floor(from / TILE);
      // What is before `from` in the first tile is there already, and stays as it is.
      const all = [...Array.from({ length: from % TILE }, () => null), ...salts];
      const tiles = Array.from({ length: Math.ceil(all.length / TILE) }, (_, at) => first + at);
      const rows = tiles.map((_, at) => bytesOfSalts(all.slice(at * TILE, (at + 1) * TILE)));
      await pool.query(
        `INSERT INTO ${table} AS t SELECT tile, salts FROM unnest($1::bigint[], $2::bytea[]) AS n (tile, salts)
          ON CONFLICT (tile) DO UPDATE SET salts = t.salts || substr(excluded.salts, length(t.salts) + 1)
          WHERE length(excluded.salts) > length(t.salts)`,
        [tiles, rows],
      );
    },
    async erase(indexes) {
      if (indexes.length === 0) return;
      for (const index of [...new Set(indexes)].sort((a, b) => a - b)) {
        await pool.query(
          `UPDATE ${table} SET salts = overlay(salts PLACING $2::bytea FROM $3::int)
            WHERE tile = $1 AND length(salts) >= $3::int + $4::int - 1`,
          [
            Math.floor(index / TILE),
            Buffer.alloc(SALT_BYTES),
            (index % TILE) * SALT_BYTES + 1,
            SALT_BYTES,
          ],
        );
      }
    },
    async truncate(size) {
      await pool.query(
        `WITH shortened AS (
          UPDATE ${table} SET salts = substr(salts, 1, $2::int) WHERE tile = $1 AND $2::int > 0
        ) DELETE FROM ${table} WHERE tile > $1 OR (tile = $1 AND $2::int = 0)`,
        [Math.floor(size / TILE), (size % TILE) * SALT_BYTES],
      );
    },
  } satisfies SaltStore);
}
