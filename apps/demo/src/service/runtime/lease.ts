/** Lets one process at a time watch and decide on a PostgreSQL schema; the others wait as standbys. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { ServiceError } from "./errors.js";
import { createTable } from "./state-table.js";

/** How long the database keeps a lease that is not renewed, in seconds. */
const LEASE_SECONDS = 15;
/** How long its holder relies on a renewal, counted from before it was sent, in milliseconds. */
const RELIED_ON_MS = 10_000;
/** Between two renewals, and between two tries of a standby, in milliseconds. */
const RENEW_MS = 3_000;

/** The lease of one process. */
export type Lease = Readonly<{
  /**
   * Waits until this process holds the lease.
   *
   * @throws ServiceError `stopped` where `stop` ends the wait
   */
  acquire(stop: AbortSignal | undefined): Promise<void>;
  /** Whether this process still holds it; counted by a clock that no step changes. */
  isHeld(): boolean;
  /** Gives it up, so that a standby takes over at once. */
  close(): Promise<void>;
}>;

/** Creates a lease in the table `service_lease` of a schema, whose ends are the database's times. */
export function createLease(pool: pg.Pool, schema: string, log: (text: string) => void): Lease {
  const table = `${pg.escapeIdentifier(schema)}.service_lease`;
  const owner = randomUUID();
  let heldUntil = -Infinity;
  let timer: NodeJS.Timeout | undefined;

  /** Takes the lease where no other process holds it. */
  async function take(): Promise<boolean> {
    const sent = performance.now();
    const { rowCount } = await pool.query(
      `INSERT INTO ${table} AS lease (id, owner, ends_at) VALUES (1, $1, clock_timestamp() + $2 * interval '1 second')
       ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, ends_at = excluded.ends_at
       WHERE lease.ends_at < clock_timestamp()`,
      [owner, LEASE_SECONDS],
    );
    if (rowCount === 0) return false;
    heldUntil = sent + RELIED_ON_MS;
    return true;
  }

  /** Renews the lease; once another process has had it, what this one knows is old, and it stays without it. */
  async function renew(): Promise<void> {
    const sent = performance.now();
    try {
      const { rowCount } = await pool.query(
        `UPDATE ${table} SET ends_at = clock_timestamp() + $2 * interval '1 second' WHERE owner = $1`,
        [owner, LEASE_SECONDS],
      );
      if (rowCount === 1) heldUntil = sent + RELIED_ON_MS;
      else lose();
    } catch (error) {
      log(`the lease was not renewed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  function lose(): void {
    heldUntil = -Infinity;
    clearInterval(timer);
    log(
      "another process watches in this one's place: nothing is paid here; restart it as a standby",
    );
  }

  return Object.freeze({
    async acquire(stop) {
      await createTable(
        pool,
        `CREATE TABLE IF NOT EXISTS ${table} (id int PRIMARY KEY CHECK (id = 1), owner text NOT NULL, ends_at timestamptz NOT NULL)`,
      );
      let isTold = false;
      while (!(await take())) {
        if (!isTold) log("standby: another process watches on this schema; waiting for it to end");
        isTold = true;
        await sleep(RENEW_MS, undefined, { signal: stop }).catch(() => undefined);
        if (stop?.aborted === true) throw new ServiceError("stopped", "stopped while waiting");
      }
      timer = setInterval(() => void renew(), RENEW_MS);
      timer.unref();
    },
    isHeld: () => performance.now() < heldUntil,
    async close() {
      clearInterval(timer);
      heldUntil = -Infinity;
      await pool.query(`DELETE FROM ${table} WHERE owner = $1`, [owner]).catch(() => undefined);
    },
  } satisfies Lease);
}
