/** A SQLite file to inject faults into. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasNodeSqlite } from "@dgb-shield/vitest-config/sqlite";
import type BetterSqlite3 from "better-sqlite3";
import type { Contents, FrozenRow, Row, Total } from "../check.js";
import type { LogRecord } from "../replay/replay.js";
import type { Store } from "./store.js";

/** The same copy of SQLite as the ledger's, which this process may have open too: another would release its locks. */
const { default: Database } = (
  hasNodeSqlite
    ? await import("@dgb-shield/vitest-config/node-sqlite")
    : await import("better-sqlite3")
) as { default: typeof BetterSqlite3 };

const ROWS = `SELECT withdrawal_id AS id, coalesce(payment_id, withdrawal_id) AS payment,
  wallet_id AS wallet, account_id AS account, CAST(amount AS text) AS amount,
  lower(hex(content_hash)) AS content, status, counts, counted_at_ms AS at, allowed_at_ms AS allowedAt,
  CASE WHEN txid IS NULL THEN NULL ELSE lower(hex(txid)) END AS txid FROM payments`;
const STATUSES = ["open", "reserved", "claimed", "committed", "released"];
const COUNTS = ["nothing", "allowed", "reserved", "asked"];
const FREEZES = `SELECT scope, kind, cause_id AS cause, frozen_at_ms AS first, last_at_ms AS last, count FROM freezes`;

/** The newest running sums of a scope's two journals, and the corrections of their smallest buckets. */
const SUMS = (["main", "reserved"] as const)
  .map((journal, index) => {
    const columns = ["allowed_high", "allowed_low", "allowed_count", "asked_high", "asked_low"];
    const named = [...columns, "asked_count"];
    return `SELECT scope, '${journal}' AS journal, ${named.map((one) => `${journal}_${one} AS ${one}`).join(", ")} FROM scopes
      UNION ALL SELECT scope, '${journal}', ${named.join(", ")}
      FROM corrections JOIN scopes ON journal = number * 2 + ${index} WHERE level = 0`;
  })
  .join(" UNION ALL ");

type SumRow = Readonly<Record<string, bigint>> & Readonly<{ scope: string; journal: string }>;

const joined = (row: SumRow, name: string): bigint =>
  (row[`${name}_high`] ?? 0n) * 4_294_967_296n + (row[`${name}_low`] ?? 0n);

function totalsOf(row: SumRow): Total[] {
  const { scope, journal } = row;
  const allowed = { scope, amount: joined(row, "allowed"), count: row["allowed_count"] ?? 0n };
  const asked = { scope, amount: joined(row, "asked"), count: row["asked_count"] ?? 0n };
  return journal === "reserved"
    ? [
        { ...allowed, counts: "reserved" },
        { ...asked, counts: "asked and reserved" },
      ]
    : [
        { ...allowed, counts: "allowed" },
        { ...asked, counts: "asked" },
      ];
}

/** What the checker reads of a file. */
export function sqliteContents(path: string): Contents {
  const db = new Database(path, { fileMustExist: true });
  try {
    const faults = (db.pragma("integrity_check") as { integrity_check: string }[])
      .map(({ integrity_check }) => integrity_check)
      .filter((text) => text !== "ok");
    const rows = (db.prepare(ROWS).all() as Record<string, unknown>[]).map((row): Row => ({
      ...(row as Omit<Row, "amount" | "status" | "counts">),
      amount: BigInt(row["amount"] as string),
      status: STATUSES[row["status"] as number] ?? "?",
      counts: COUNTS[row["counts"] as number] ?? "?",
    }));
    const freezes = db.prepare(FREEZES).all() as FrozenRow[];
    db.defaultSafeIntegers(true);
    return {
      rows,
      freezes,
      totals: (db.prepare(SUMS).all() as SumRow[]).flatMap(totalsOf),
      faults,
    };
  } finally {
    db.close();
  }
}

/** The records of a file after one. */
export function sqliteRecords(path: string, afterSeq: number): readonly LogRecord[] {
  const db = new Database(path, { fileMustExist: true });
  try {
    return db
      .prepare("SELECT seq, at_ms AS at, kind, record FROM records WHERE seq > ? ORDER BY seq")
      .all(afterSeq) as LogRecord[];
  } finally {
    db.close();
  }
}

/** A new SQLite file. */
export function sqliteStore(folder = mkdtempSync(join(tmpdir(), "guardian-matrix-"))): Store {
  const path = join(folder, "ledger.db");
  return {
    address: { kind: "sqlite", path },
    read: () => Promise.resolve(sqliteContents(path)),
    records: (afterSeq) => Promise.resolve(sqliteRecords(path, afterSeq)),
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
