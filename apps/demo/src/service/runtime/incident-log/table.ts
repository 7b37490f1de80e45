/** Keeps incidents in a table of the ledger's schema: the process that watches writes, all read. */
import pg from "pg";
import { askDatabase } from "../ask-database.js";
import { createTable } from "../state-table.js";
import { pastIncidentSchema } from "./entry.js";
import { type IncidentStore, MAX_KEPT } from "./store.js";

/** Row that holds from when on everything is kept, in `since_ms`. */
const HEAD = "";

/**
 * Creates a store in the table `service_incidents`, which is made where it is missing.
 *
 * @param clock when the log begins, where there is none
 * @throws what the database answers
 */
export async function createIncidentTable(
  pool: pg.Pool,
  schema: string,
  clock: () => number,
): Promise<IncidentStore> {
  const table = `${pg.escapeIdentifier(schema)}.service_incidents`;
  await createTable(
    pool,
    `CREATE TABLE IF NOT EXISTS ${table} (incident_id text PRIMARY KEY, since_ms bigint NOT NULL,
       ended_ms bigint, body text NOT NULL)`,
  );
  await askDatabase(
    pool,
    `INSERT INTO ${table} VALUES ($1, $2, $2, '') ON CONFLICT (incident_id) DO NOTHING`,
    [HEAD, clock()],
  );
  const read = (rows: readonly { body: string }[]) =>
    rows.map(({ body }) => pastIncidentSchema.parse(JSON.parse(body)));

  /** Removes those beyond the bound, and notes up to when some are missing. */
  const shrink = (): Promise<unknown> =>
    askDatabase(
      pool,
      `WITH dropped AS (
         DELETE FROM ${table} WHERE incident_id IN (
           SELECT incident_id FROM ${table} WHERE incident_id <> $1
           ORDER BY since_ms DESC, incident_id OFFSET ${MAX_KEPT}
         ) RETURNING coalesce(ended_ms, since_ms) AS until_ms
       )
       UPDATE ${table} SET since_ms = greatest(since_ms, (SELECT max(until_ms) FROM dropped))
       WHERE incident_id = $1 AND EXISTS (SELECT FROM dropped)`,
      [HEAD],
    );

  return Object.freeze({
    async open() {
      const { rows } = await askDatabase<{ body: string }>(
        pool,
        `SELECT body FROM ${table} WHERE ended_ms IS NULL AND incident_id <> $1`,
        [HEAD],
      );
      return read(rows);
    },
    async save(incidents) {
      for (const one of incidents) {
        // What another process noted of a release stays.
        await askDatabase(
          pool,
          `INSERT INTO ${table} AS kept VALUES ($1, $2, $3, $4) ON CONFLICT (incident_id)
           DO UPDATE SET ended_ms = excluded.ended_ms, body = jsonb_set(excluded.body::jsonb, '{released}',
             coalesce(nullif(excluded.body::jsonb -> 'released', 'null'), kept.body::jsonb -> 'released'))::text`,
          [one.incident_id, one.since_ms, one.ended_ms, JSON.stringify(one)],
        );
      }
      await shrink();
    },
    async release(incidentId, released) {
      await askDatabase(
        pool,
        `UPDATE ${table} SET body = jsonb_set(body::jsonb, '{released}', $2::jsonb)::text
         WHERE incident_id = $1 AND body <> ''`,
        [incidentId, JSON.stringify(released)],
      );
    },
    async read({ from_ms, to_ms, limit }) {
      const { rows } = await askDatabase<{ body: string; total: string }>(
        pool,
        `SELECT body, count(*) OVER () AS total FROM ${table}
         WHERE since_ms <= $2 AND coalesce(ended_ms, $2) >= $1 AND incident_id <> $4
         ORDER BY since_ms DESC, incident_id LIMIT $3`,
        [from_ms, to_ms, limit, HEAD],
      );
      const head = await askDatabase<{ since_ms: string }>(
        pool,
        `SELECT since_ms::text FROM ${table} WHERE incident_id = $1`,
        [HEAD],
      );
      const incidents = read(rows);
      const total = Number(rows[0]?.total ?? 0);
      const since_ms = Number(head.rows[0]?.since_ms ?? to_ms);
      return { incidents, left_out: total - incidents.length, since_ms };
    },
  } satisfies IncidentStore);
}
