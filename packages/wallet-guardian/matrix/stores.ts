/** Ledgers to torment: made, read by the checker, held locked, and removed. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import pg from "pg";
import type { Contents, Row, Total } from "./check.js";
import type { LedgerAddress } from "./plan.js";

/** One ledger under test. */
export type Store = Readonly<{
  address: LedgerAddress;
  read(): Promise<Contents>;
  /** Takes the lock that the wallet `wallet-0` needs; resolves to its release. */
  hold(): Promise<() => Promise<void>>;
  /** Locks that are held though nobody is at work. */
  leftLocked(): Promise<number>;
  remove(): Promise<void>;
}>;

const WITHDRAWALS = `SELECT withdrawal_id AS id, wallet_id AS wallet, account_id AS account,
  CAST(amount AS text) AS amount, status, counts, counted_at_ms AS at, txid FROM `;

const toRow = (row: Record<string, unknown>): Row => ({
  ...(row as Omit<Row, "amount" | "at">),
  amount: BigInt(row["amount"] as string),
  at: row["at"] === null ? null : Number(row["at"]),
});

/** A new SQLite file. */
export function sqliteStore(folder = mkdtempSync(join(tmpdir(), "guardian-matrix-"))): Store {
  const path = join(folder, "ledger.db");

  function contents(): Contents {
    const db = new Database(path);
    try {
      const faults = (db.pragma("integrity_check") as { integrity_check: string }[])
        .map(({ integrity_check }) => integrity_check)
        .filter((text) => text !== "ok");
      const rows = (db.prepare(WITHDRAWALS + "withdrawals").all() as Record<string, unknown>[]).map(
        toRow,
      );
      db.defaultSafeIntegers(true);
      const halves = db
        .prepare(
          `SELECT scope, allowed_high AS high, allowed_low AS low, allowed_count FROM running_sums r
             WHERE at_ms = (SELECT max(at_ms) FROM running_sums WHERE scope = r.scope)
           UNION ALL SELECT scope, allowed_high, allowed_low, allowed_count FROM corrections WHERE level = 0`,
        )
        .all() as { scope: string; high: bigint; low: bigint; allowed_count: bigint }[];
      const totals = halves.map(({ scope, high, low, allowed_count }) => ({
        scope,
        allowed: high * 4_294_967_296n + low,
        allowed_count,
      }));
      return { rows, totals, faults };
    } finally {
      db.close();
    }
  }

  return {
    address: { kind: "sqlite", path },
    read: () => Promise.resolve(contents()),
    hold() {
      const db = new Database(path, { timeout: 5_000 });
      db.exec("BEGIN IMMEDIATE");
      const release = () => {
        db.exec("ROLLBACK");
        db.close();
        return Promise.resolve();
      };
      return Promise.resolve(release);
    },
    leftLocked() {
      const db = new Database(path, { timeout: 0 });
      try {
        db.exec("BEGIN IMMEDIATE; ROLLBACK");
        return Promise.resolve(0);
      } catch {
        return Promise.resolve(1);
      } finally {
        db.close();
      }
    },
    remove() {
      rmSync(folder, { recursive: true, force: true });
      return Promise.resolve();
    },
  };
}

/** A new schema of a PostgreSQL server. */
export function postgresStore(url: string): Store {
  const schema = `guardian_matrix_${randomBytes(6).toString("hex")}`;

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }

  async function ask(text: string): Promise<Record<string, unknown>[]> {
    const client = await connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }

  const lock = `hashtextextended('${schema}/wallet:wallet-0', 0)`;
  return {
    address: { kind: "postgres", url, schema },
    async read() {
      const rows = (await ask(`${WITHDRAWALS}${schema}.withdrawals`)).map(toRow);
      const totals = await ask(`
        SELECT scope, allowed::text, allowed_count::text FROM ${schema}.running_sums r
          WHERE at_ms = (SELECT max(at_ms) FROM ${schema}.running_sums WHERE scope = r.scope)
        UNION ALL SELECT scope, allowed::text, allowed_count::text FROM ${schema}.corrections WHERE level = 0`);
      return {
        rows,
        totals: totals.map(({ scope, allowed, allowed_count }): Total => ({
          scope: scope as string,
          allowed: BigInt(allowed as string),
          allowed_count: BigInt(allowed_count as string),
        })),
        faults: [],
      };
    },
    async hold() {
      const client = await connect();
      await client.query(`BEGIN; SELECT pg_advisory_xact_lock(${lock})`);
      return async () => {
        await client.query("ROLLBACK");
        await client.end();
      };
    },
    async leftLocked() {
      const [found] = await ask(`SELECT count(*)::int AS held FROM pg_locks l JOIN pg_class c
        ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = '${schema}'`);
      const [free] = await ask(`SELECT pg_try_advisory_lock(${lock}) AS free`);
      return Number(found?.["held"]) + (free?.["free"] === true ? 0 : 1);
    },
    async remove() {
      await ask(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    },
  };
}
