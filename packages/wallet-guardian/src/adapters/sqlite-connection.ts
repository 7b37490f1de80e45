/** The connection to a SQLite file: opened when it is needed, migrated, and dropped when it fails. */
import { closeSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { LedgerError } from "../errors.js";
import { ownCode } from "../internal/own.js";
import { MIGRATIONS } from "./sqlite-schema.js";
import { prepareStatements, type Statements } from "./sqlite-statements.js";

const CACHE_KIB = 16_384;

/** An open file. */
export type Connection = Readonly<{ db: Database.Database; statements: Statements }>;

/** A file that is opened when it is needed. */
export type Connector = Readonly<{
  /**
   * Uses the connection; after an error other than a lock it is opened anew the next time.
   *
   * @throws LedgerError, or a busy error as the driver throws it
   */
  use<T>(work: (open: Connection) => T): T;
  close(): void;
}>;

/** Makes a connector. */
export function createConnector(path: string): Connector {
  let connection: Connection | null = null;
  let closed = false;

  function drop(): void {
    const { db } = connection ?? {};
    connection = null;
    db?.close();
  }

  return {
    use(work) {
      if (closed) throw new LedgerError("ledger_unavailable", "the ledger is closed");
      try {
        connection ??= openFile(path);
        return work(connection);
      } catch (error) {
        if (isBusy(error)) throw error;
        drop();
        throw unavailable(error, path);
      }
    },
    close() {
      closed = true;
      drop();
    },
  };
}

/** Runs `work` under the write lock and makes it durable. */
export function inTransaction<T>({ db, statements }: Connection, work: () => T): T {
  statements.begin.run();
  try {
    const result = work();
    statements.commit.run();
    return result;
  } finally {
    if (db.inTransaction) db.exec("ROLLBACK");
  }
}

/** Whether another connection's lock is in the way. */
export const isBusy = (error: unknown): boolean =>
  error instanceof Database.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code);

/** Any error as the one that ledgers throw. */
export const unavailable = (error: unknown, path?: string): LedgerError =>
  error instanceof LedgerError
    ? error
    : new LedgerError("ledger_unavailable", "the database failed", error, {
        ...(path === undefined ? {} : { path }),
        ...errnoOf(error),
      });

/**
 * Looks for the folder of a file.
 *
 * @throws LedgerError where it is missing or no folder
 */
export function checkFolder(path: string): void {
  if (path === ":memory:" || path === "") return;
  const folder = dirname(path);
  try {
    if (statSync(folder).isDirectory()) return;
  } catch (error) {
    const facts = { path, ...errnoOf(error) };
    const detail = `the ledger's folder cannot be opened (${facts.errno ?? "unknown"}): create ${folder}, or correct the path`;
    throw new LedgerError("ledger_unavailable", detail, error, facts);
  }
  const detail = `${folder} is no folder: correct the path`;
  throw new LedgerError("ledger_unavailable", detail, undefined, { path, errno: "ENOTDIR" });
}

/** The code of an error of the system or of SQLite. */
function errnoOf(error: unknown): Readonly<{ errno?: string }> {
  const code = ownCode(error);
  return /^[A-Z][A-Z0-9_]{2,63}$/.test(code) ? { errno: code } : {};
}

/** Creates a missing file so that only its owner may read it: it names who withdrew what. SQLite's own files follow it. */
function keepPrivate(path: string): void {
  if (path === ":memory:") return;
  closeSync(openSync(path, "a", 0o600));
}

function openFile(path: string): Connection {
  checkFolder(path);
  keepPrivate(path);
  const db = new Database(path, { timeout: 0 });
  try {
    db.defaultSafeIntegers(true);
    db.pragma("journal_mode = WAL");
    db.pragma("synchronous = FULL");
    db.pragma(`cache_size = -${CACHE_KIB}`);
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
