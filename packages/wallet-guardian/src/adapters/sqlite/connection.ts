/** Connects to a SQLite file: opens and identifies it on first use, and drops the connection on failure. */
import { LedgerError } from "../../errors.js";
import type { LedgerIdentity } from "../../ports.js";
import { type LedgerCommands, withCommands } from "./commands.js";
import { createFile } from "./create.js";
import { openSqlite, type SqliteDatabase } from "./driver/index.js";
import { isBusy, isOwnFault, unavailable } from "./errors.js";
import {
  checkSame,
  type FileGuard,
  findFile,
  type FoundFile,
  guardFile,
  MEMORY_PATH,
} from "./file.js";
import { checkPath, checkTables, type Memory, recognise } from "./identity.js";
import { makeTables, migrate } from "./migrate.js";
import { toIdentity, toWhole } from "./rows.js";
import { prepareStatements, type Statements } from "./statements.js";
import { flush, forget, newSession, type Session } from "./transaction/snapshot.js";
import {
  checkWitness,
  openWitness,
  readWitness,
  type Testimony,
  type Witness,
  witnessPath,
} from "./witness.js";

const CACHE_KIB = 16_384;

/** Pages of log after which they are brought into the file: hot pages are in the log many times. */
const CHECKPOINT_PAGES = 4_096;

/** Options of a connection. */
type ConnectionOptions = Readonly<{
  path: string;
  /** Whether a missing file is made. */
  create: boolean;
  /** Whether a witness is kept. */
  witness: boolean;
  /** What the texts of errors name. */
  commands: LedgerCommands;
}>;

/** An open file. */
export type Connection = Readonly<{
  db: SqliteDatabase;
  statements: Statements;
  session: Session;
  guard: FileGuard | null;
  witness: Witness | null;
}> & {
  /** SQLite's own number, which another connection's commit changes. */
  dataVersion: number;
};

/** A file that is opened when it is needed. */
export type Connector = Readonly<{
  /**
   * Uses the connection, whose file is checked before and after; after an error other than a lock, or a value
   * that cannot be stored, it is opened anew the next time.
   *
   * @throws LedgerError, or as the driver throws it an error of those two kinds
   */
  use<T>(work: (open: Connection, memory: Memory) => T): T;
  /** What is kept of the ledger. */
  identity(): LedgerIdentity | null;
  close(): void;
}>;

/** Makes a connector. */
export function createConnector(options: ConnectionOptions): Connector {
  const { path, commands } = options;
  const memory: Memory = { identity: null, seq: 0, file: null };
  let connection: Connection | null = null;
  let closed = false;

  function drop(): void {
    const { db, witness } = connection ?? {};
    connection = null;
    witness?.close();
    db?.close();
  }

  return {
    use(work) {
      if (closed) throw new LedgerError("ledger_unavailable", "the ledger is closed");
      try {
        connection ??= path === MEMORY_PATH ? openMemory(memory) : openFile(options, memory);
        connection.guard?.check();
        const result = work(connection, memory);
        connection.guard?.check();
        return result;
      } catch (error) {
        if (isBusy(error) || isOwnFault(error)) throw error;
        drop();
        throw withCommands(unavailable(error, path), commands);
      }
    },
    identity: () => memory.identity,
    close() {
      closed = true;
      drop();
    },
  };
}

/** Runs `work` under the write lock and makes it durable; what was read before is dropped where it may be stale. */
export function inTransaction<T>(
  open: Connection,
  memory: Memory,
  work: (session: Session) => T,
): T {
  const { db, statements, session } = open;
  statements.begin.run();
  try {
    const version = toWhole(statements.dataVersion.get());
    if (version !== open.dataVersion) {
      forget(session);
      session.seq = recognise(statements, memory, db.name);
      open.dataVersion = version;
    }
    const result = work(session);
    flush(session);
    statements.commit.run();
    memory.seq = session.seq;
    return result;
  } finally {
    if (db.inTransaction) {
      db.exec("ROLLBACK");
      forget(session);
      session.seq = memory.seq;
    }
  }
}

function openMemory(memory: Memory): Connection {
  const db = openSqlite(MEMORY_PATH);
  makeTables(db, null);
  memory.identity = null;
  return connectionOf(db, memory, MEMORY_PATH);
}

function openFile({ path, create, witness }: ConnectionOptions, memory: Memory): Connection {
  if (create && memory.identity === null) createFile(path, witness);
  const found = findFile(path);
  checkSame(found, memory.file, path);
  const db = openDatabase(path, found);
  const { dev, ino } = found.stats;
  const seen = { ...memory, file: { dev, ino } };
  try {
    migrate(db, found.realPath);
    // before the ledger, which another process may write to meanwhile: what it adds is no older state
    const testimony = witness ? readWitness(witnessPath(found.realPath), path) : null;
    const open = connectionOf(db, seen, path);
    checkPath(toIdentity(open.statements.identity.get()), found.realPath, path);
    const guard = guardFile(path, found);
    guard.check();
    const writer = witness ? testify(found.realPath, seen, testimony, path) : null;
    Object.assign(memory, seen);
    return { ...open, guard, witness: writer };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Opens a file as every process does; a file without a ledger stays unchanged. */
export function openDatabase(path: string, { realPath }: FoundFile): SqliteDatabase {
  const db = openSqlite(realPath);
  try {
    checkTables(db, path);
    db.exec("PRAGMA journal_mode = WAL");
    db.exec("PRAGMA synchronous = FULL");
    db.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
    db.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function connectionOf(db: SqliteDatabase, memory: Memory, path: string): Connection {
  const statements = prepareStatements(db);
  // before the rest: what is committed in between is noticed by the first transaction
  const dataVersion = toWhole(statements.dataVersion.get());
  const seq = recognise(statements, memory, path);
  return {
    db,
    statements,
    session: newSession(statements, seq),
    guard: null,
    witness: null,
    dataVersion,
  };
}

function testify(
  realPath: string,
  { identity, seq }: Memory,
  testimony: Testimony | null,
  path: string,
): Witness | null {
  if (identity === null) return null;
  const own = { ...identity, seq };
  const file = witnessPath(realPath);
  checkWitness(own, testimony, { ledger: path, witness: file });
  return openWitness(file, own, testimony, path);
}
