/** A durable ledger in one SQLite file, shared by any number of processes of one host (design: layer 4, SQLite). */
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import { LedgerError } from "../errors.js";
import { type Ledger, type LedgerReads, type LedgerStep, MAX_LISTED_RECORDS } from "../ports.js";
import type { LedgerSnapshot } from "../ports.js";
import { toRecord, toWithdrawal } from "./sqlite-rows.js";
import { MIGRATIONS } from "./sqlite-schema.js";
import {
  prepareStatements,
  type Statements,
  takeSnapshot,
  writeStep,
} from "./sqlite-statements.js";

/** How long another process's lock is waited for, without blocking the event loop. */
const MAX_BUSY_MS = 250;
const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 16;

type Connection = Readonly<{ db: Database.Database; statements: Statements }>;

/**
 * A ledger in a SQLite file: WAL, every transaction synced to disk before its answer. The file is
 * opened at the first call and, after a failure, again at the next one, so that a guardian
 * recovers by itself; a file of a newer version is refused.
 *
 * @param options.path the file; its folder must exist, on a local disk
 * @returns a ledger that rejects with `ledger_busy` after 250 ms of another process's lock, and
 * with `ledger_unavailable` for anything else
 * @example createSqliteLedger({ path: "guardian.db" })
 */
export function createSqliteLedger({ path }: Readonly<{ path: string }>): Ledger {
  const run = createRunner(path);
  return {
    transact: (reads, decide) => run.work((open) => transact(open, reads, decide)),
    withdrawal: (id) => run.work(({ statements }) => toWithdrawal(statements.withdrawal.get(id))),
    records: (afterSeq, limit) =>
      run.work(({ statements }) =>
        statements.records.all(afterSeq, Math.min(limit, MAX_LISTED_RECORDS)).map(toRecord),
      ),
    close: run.close,
  };
}

function createRunner(path: string) {
  let connection: Connection | null = null;
  let closed = false;

  function attempt<T>(use: (open: Connection) => T): T {
    if (closed) throw new LedgerError("ledger_unavailable", "the ledger is closed");
    connection ??= openFile(path);
    try {
      return use(connection);
    } catch (error) {
      if (!isBusy(error)) drop();
      throw error;
    }
  }

  function drop(): void {
    const { db } = connection ?? {};
    connection = null;
    db?.close();
  }

  async function work<T>(use: (open: Connection) => T): Promise<T> {
    const deadline = performance.now() + MAX_BUSY_MS;
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      try {
        return attempt(use);
      } catch (error) {
        if (!isBusy(error)) throw unavailable(error);
        if (performance.now() + wait > deadline) {
          throw new LedgerError("ledger_busy", `locked for ${MAX_BUSY_MS} ms`, error);
        }
      }
      await sleep(wait);
    }
  }

  function close(): Promise<void> {
    closed = true;
    drop();
    return Promise.resolve();
  }
  return { work, close };
}

function transact<T>(
  { db, statements }: Connection,
  reads: LedgerReads,
  decide: (snapshot: LedgerSnapshot) => LedgerStep<T>,
): T {
  db.exec("BEGIN IMMEDIATE");
  try {
    const snapshot = takeSnapshot(statements, reads);
    const { result, writes } = decide(snapshot);
    if (writes !== null) writeStep(statements, { reads, nowMs: snapshot.now_ms, writes });
    db.exec("COMMIT");
    return result;
  } finally {
    if (db.inTransaction) db.exec("ROLLBACK");
  }
}

function openFile(path: string): Connection {
  const db = new Database(path, { timeout: 0 });
  try {
    db.defaultSafeIntegers(true);
    db.pragma("journal_mode = WAL");
    db.pragma("synchronous = FULL");
    migrate(db);
    return { db, statements: prepareStatements(db) };
  } catch (error) {
    db.close();
    throw error;
  }
}

function migrate(db: Database.Database): void {
  if (versionOf(db) === MIGRATIONS.length) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    const version = versionOf(db);
    if (version > MIGRATIONS.length) {
      throw new LedgerError("ledger_unavailable", `the file is of newer version ${version}`);
    }
    for (const migration of MIGRATIONS.slice(version)) db.exec(migration);
    db.pragma(`user_version = ${MIGRATIONS.length}`);
    db.exec("COMMIT");
  } finally {
    if (db.inTransaction) db.exec("ROLLBACK");
  }
}

const versionOf = (db: Database.Database): number =>
  Number(db.pragma("user_version", { simple: true }));

const isBusy = (error: unknown): boolean =>
  error instanceof Database.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code);

const unavailable = (error: unknown): LedgerError =>
  error instanceof LedgerError
    ? error
    : new LedgerError("ledger_unavailable", "the database failed", error);
