/** A durable sequence store in a SQLite file, over a better-sqlite3 connection of the caller (design, section 3: signing). */
import { statSync } from "node:fs";
import { ownMember } from "../../internal/own.js";
import { SigningError } from "../../signing/errors.js";
import { checkAdvance, type SequenceStore } from "../../signing/ports.js";

/** What the store uses of a better-sqlite3 connection. */
export interface SqliteConnection {
  /** The path of the file. */
  readonly name: string;
  readonly memory: boolean;
  readonly inTransaction: boolean;
  prepare(sql: string): { run(...values: unknown[]): unknown; get(...values: unknown[]): unknown };
  pragma(source: string, options?: { simple?: boolean }): unknown;
}

/** Where the sequences are. */
export type SqliteSequenceOptions = Readonly<{
  /** An open connection that only this process's code uses; the caller closes it. */
  database: SqliteConnection;
  /**
   * Whether a missing table is created: true for the first start alone. Absent or false: a file without
   * the table is refused, since a lost file would accept old batches once more.
   */
  create?: boolean;
}>;

const TABLE =
  "CREATE TABLE shield_batch_sequences (key_id TEXT PRIMARY KEY, last INTEGER NOT NULL CHECK (last BETWEEN 0 AND 9007199254740991)) STRICT";
/** The lowest level of `PRAGMA synchronous` at which a commit outlives a power failure: FULL. */
const FULL = 2;
/** Kinds of journal that outlive the end of the process in the middle of a commit. */
const SAFE_JOURNALS: readonly unknown[] = Object.freeze(["wal", "delete", "truncate", "persist"]);

/**
 * Opens a sequence store. Several processes and connections may share one file.
 *
 * `advance` rejects, and `verifyBatch` answers `store_unavailable`, when the file is locked for longer than
 * the connection waits, was removed or replaced, cannot be read, or when a transaction of the caller is
 * open, which could take the advance back.
 *
 * @throws SigningError `invalid_store`: a database in memory, `PRAGMA synchronous` below FULL, a journal that
 * does not outlive a crash, no table without `create`, or another table of that name
 */
export function createSqliteSequenceStore(options: SqliteSequenceOptions): SequenceStore {
  const { database } = options;
  checkDurable(database);
  prepareTable(database, ownMember(options, "create") === true);
  const file = identityOf(database.name);
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");
  const rollback = database.prepare("ROLLBACK");
  const last = database.prepare(
    "SELECT CAST(last AS TEXT) AS last FROM shield_batch_sequences WHERE key_id = ?",
  );
  const put = database.prepare(
    "INSERT INTO shield_batch_sequences (key_id, last) VALUES (?, CAST(? AS INTEGER)) ON CONFLICT (key_id) DO UPDATE SET last = excluded.last",
  );

  function advance(keyId: string, sequence: number): boolean {
    checkAdvance(keyId, sequence);
    if (isOpen(database)) throw unusable("a transaction of the caller is open");
    checkDurable(database);
    begin.run();
    try {
      const isNew = sequence > lastOf(last.get(keyId));
      if (isNew) put.run(keyId, String(sequence));
      commit.run();
      // After the commit: where the file was replaced, the next start finds no sequence.
      if (identityOf(database.name) !== file) throw unusable("the file was removed or replaced");
      return isNew;
    } finally {
      if (isOpen(database)) rollback.run();
    }
  }

  return {
    advance: (keyId, sequence) =>
      new Promise((resolve) => {
        resolve(advance(keyId, sequence));
      }),
  };
}

/** Whether a transaction is open, which a failed commit leaves. */
const isOpen = (database: SqliteConnection): boolean => database.inTransaction;

const unusable = (detail: string, cause?: unknown): SigningError =>
  new SigningError("invalid_store", "", detail, cause);

function checkDurable(database: SqliteConnection): void {
  if (database.memory) throw unusable("the database is in memory: a restart forgets it");
  const synchronous = Number(database.pragma("synchronous", { simple: true }));
  if (!(synchronous >= FULL)) {
    throw unusable(
      "PRAGMA synchronous is below FULL, a power failure forgets commits: set it to FULL",
    );
  }
  const journal = database.pragma("journal_mode", { simple: true });
  if (!SAFE_JOURNALS.includes(journal)) {
    throw unusable(`PRAGMA journal_mode is ${String(journal)}: set it to WAL`);
  }
}

function prepareTable(database: SqliteConnection, create: boolean): void {
  const find = database.prepare(
    "SELECT sql AS found FROM sqlite_schema WHERE name = 'shield_batch_sequences'",
  );
  if (find.get() === undefined && create) {
    database.prepare(TABLE.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS")).run();
  }
  const row = find.get();
  if (row === undefined) {
    throw unusable(
      `${database.name} has no table of sequences: pass create on the first start, or restore the file`,
    );
  }
  if (memberOf(row, "found") !== TABLE) {
    throw unusable(`shield_batch_sequences in ${database.name} is another table`);
  }
}

/** The last sequence in a row; −1 where there is no row. */
function lastOf(row: unknown): number {
  if (row === undefined) return -1;
  const last = memberOf(row, "last");
  if (typeof last === "string" && /^\d{1,16}$/.test(last)) return Number(last);
  throw unusable("a stored sequence cannot be read");
}

const memberOf = (row: unknown, key: string): unknown =>
  typeof row === "object" && row !== null ? ownMember(row, key) : undefined;

/** Device and inode of a file; undefined where it is gone. */
function identityOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? undefined : `${found.dev}:${found.ino}`;
}
