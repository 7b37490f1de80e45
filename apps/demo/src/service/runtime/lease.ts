/** Lets one process at a time watch on a PostgreSQL schema (design, section 10; decision 42). */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { ServiceError } from "./errors.js";
import { askDatabase, systemFault } from "./ask-database.js";
import { createTable } from "./state-table.js";

/** How long the database keeps a lease that is not renewed, in seconds. */
const LEASE_SECONDS = 15;
/** How long its holder relies on a renewal, counted from before it was sent, in milliseconds. */
const RELIED_ON_MS = 10_000;
/** Between two renewals, and between two tries of another process, in milliseconds. */
export const RENEW_MS = 1_000;
/** Numbers of evidence that one holder may use; the next one begins beyond them. */
const GENERATIONS_OF_HOLDER = 1_000_000_000;

/** What its holder writes for the other processes. */
export type EvidenceRow = Readonly<{
  generation: number;
  /** When it was composed, at the latest, by the database's clock. */
  as_of_ms: number;
  decision: string;
  /** Undefined leaves what is there. */
  shown: string | null | undefined;
}>;

/** What its holder begins with. */
export type Taken = Readonly<{
  /** First number of evidence; every number of holders before is lower. */
  generation: number;
  /** The database's clock. */
  now_ms: number;
}>;

/** The lease of one process. */
export type Lease = Readonly<{
  /** Takes the lease where no other process holds it; null where one does. */
  take(): Promise<Taken | null>;
  /**
   * Renews the lease, and writes the evidence in the same statement.
   *
   * @returns the database's clock; null where another process has had the lease meanwhile
   */
  renew(evidence?: EvidenceRow): Promise<number | null>;
  /** Whether this process still holds it; counted by a clock that no step changes. */
  isHeld(): boolean;
  /** What a statement compares with the column `owner`, so that it changes nothing once the lease is another's. */
  owner(): string;
  /** Gives it up, so that another process takes over at once. */
  release(): Promise<void>;
}>;

/** The tables of a schema, as SQL names them. */
export const sharedTables = (schema: string) => {
  const of = (name: string): string => `${pg.escapeIdentifier(schema)}.${name}`;
  return {
    lease: of("service_lease"),
    evidence: of(EVIDENCE_TABLE),
    orders: of("service_orders"),
    events: of("service_events"),
    webhooks: of("service_webhooks"),
  };
};

/** Table of the evidence, whose generation the ledger reads under its locks. */
export const EVIDENCE_TABLE = "service_evidence";

/**
 * Makes the tables of lease and evidence where they are missing.
 *
 * @throws what the database answers
 */
export async function createLeaseTables(pool: pg.Pool, schema: string): Promise<void> {
  const { lease, evidence } = sharedTables(schema);
  await createTable(
    pool,
    `CREATE TABLE IF NOT EXISTS ${lease} (id int PRIMARY KEY CHECK (id = 1), owner text NOT NULL, ends_at timestamptz NOT NULL);
     ALTER TABLE ${lease} ADD COLUMN IF NOT EXISTS name text NOT NULL DEFAULT ''`,
  );
  await createTable(
    pool,
    `CREATE TABLE IF NOT EXISTS ${evidence} (id int PRIMARY KEY CHECK (id = 1), generation bigint NOT NULL,
       seq bigint NOT NULL, as_of_ms bigint NOT NULL, decision text, shown_seq bigint NOT NULL, shown text)`,
  );
}

const NOW_MS = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/**
 * Creates a lease in the table `service_lease` of a schema, whose ends are the database's times.
 *
 * @param name how people recognise this process
 */
export function createLease(
  pool: pg.Pool,
  schema: string,
  { name, log }: Readonly<{ name: string; log: (text: string) => void }>,
): Lease {
  const { lease, evidence } = sharedTables(schema);
  let owner = randomUUID();
  let heldUntil = -Infinity;

  return Object.freeze({
    async take() {
      const sent = performance.now();
      owner = randomUUID();
      const { rows } = await askDatabase<{ generation: string; now_ms: string }>(
        pool,
        `WITH taken AS (
           INSERT INTO ${lease} AS own (id, owner, ends_at, name)
           VALUES (1, $1, clock_timestamp() + $2 * interval '1 second', $3)
           ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, ends_at = excluded.ends_at, name = excluded.name
           WHERE own.ends_at < clock_timestamp() RETURNING 1
         )
         INSERT INTO ${evidence} AS own (id, generation, seq, as_of_ms, shown_seq)
         SELECT 1, $4::bigint, 0, 0, 0 FROM taken
         ON CONFLICT (id) DO UPDATE SET generation = (own.generation / $4::bigint + 1) * $4::bigint
         RETURNING generation::text, ${NOW_MS}::text AS now_ms`,
        [owner, LEASE_SECONDS, name, GENERATIONS_OF_HOLDER],
      );
      const [row] = rows;
      if (row === undefined) return null;
      heldUntil = sent + RELIED_ON_MS;
      return { generation: Number(row.generation), now_ms: Number(row.now_ms) };
    },
    async renew(given) {
      const sent = performance.now();
      const { rows } = await askDatabase<{ now_ms: string }>(
        pool,
        `WITH held AS (
           UPDATE ${lease} SET ends_at = clock_timestamp() + $2 * interval '1 second' WHERE owner = $1 RETURNING 1
         ), written AS (
           UPDATE ${evidence} SET generation = $3::bigint, seq = seq + 1, as_of_ms = $4::bigint, decision = $5,
             shown = CASE WHEN $6 THEN $7 ELSE shown END, shown_seq = CASE WHEN $6 THEN seq + 1 ELSE shown_seq END
           FROM held WHERE id = 1 AND $5::text IS NOT NULL
         )
         SELECT ${NOW_MS}::text AS now_ms FROM held`,
        [
          ...[owner, LEASE_SECONDS, given?.generation ?? null, given?.as_of_ms ?? null],
          ...[given?.decision ?? null, given?.shown !== undefined, given?.shown ?? null],
        ],
      );
      const [row] = rows;
      if (row === undefined) {
        heldUntil = -Infinity;
        log("another process watches in this one's place");
        return null;
      }
      heldUntil = sent + RELIED_ON_MS;
      return Number(row.now_ms);
    },
    isHeld: () => performance.now() < heldUntil,
    owner: () => owner,
    async release() {
      heldUntil = -Infinity;
      await askDatabase(pool, `DELETE FROM ${lease} WHERE owner = $1`, [owner]).catch(
        () => undefined,
      );
    },
  } satisfies Lease);
}

/**
 * Waits until this process holds the lease, and renews it from then on: for a trial, which one process has alone.
 *
 * @returns what ends the renewals and gives the lease up
 * @throws ServiceError `stopped` where `stop` ends the wait
 */
export async function holdLease(
  lease: Lease,
  { stop, log }: Readonly<{ stop: AbortSignal | undefined; log: (text: string) => void }>,
): Promise<() => Promise<void>> {
  let isReported = false;
  while ((await lease.take()) === null) {
    if (!isReported) log("another process plays a recording on this schema; waiting for it to end");
    isReported = true;
    await sleep(RENEW_MS, undefined, { signal: stop }).catch(() => undefined);
    if (stop?.aborted === true) throw new ServiceError("stopped", "stopped while waiting");
  }
  const renew = (): Promise<unknown> =>
    lease.renew().catch((error: unknown) => {
      log(`the lease was not renewed: ${systemFault(error)}`);
    });
  const timer = setInterval(() => void renew(), RENEW_MS);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await lease.release();
  };
}
