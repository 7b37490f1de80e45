/** Adopts a SQLite file that was moved or restored (design, section 7: ledger identity). */
import { canonicalize, idSchema } from "@dgb-shield/contract";
import type { LedgerIdentity } from "../../ports.js";
import type { SqliteDatabase } from "./driver/index.js";
import { type LedgerCommands, OWN_COMMANDS, withCommands } from "./commands.js";
import { rejection, unavailable } from "./errors.js";
import { findFile, type FoundFile } from "./file.js";
import { migrate } from "./migrate.js";
import { openDatabase } from "./connection.js";
import { type IdentityRow, toIdentity, toWhole } from "./rows.js";
import { prepareStatements, type Statements } from "./statements.js";
import { openWitness, readWitness, type Testimony, witnessPath } from "./witness.js";

/** An operator's order to adopt a file. */
export type AdoptOptions = Readonly<{
  /** The file; no process may use it. */
  path: string;
  operator: string;
  /** 1–512 characters. */
  reason: string;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** What the texts of errors tell an operator to run; by default the command and the functions of this package. */
  commands?: LedgerCommands;
}>;

/** Which ledger was adopted, and how many records it is known to lack. */
export type Adopted = LedgerIdentity &
  Readonly<{
    /** Records that the witness beside the file counts and the file lacks; 0 where it counts none. */
    missing_records: number;
  }>;

const REASON = /^(?!\s)[^\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]{1,512}(?<!\s)$/u;

/**
 * Accepts a file that was moved, or restored from a backup, as the ledger: its epoch rises by one, its path
 * becomes the one where it lies, and a record names the operator. What was written after a backup is lost: find
 * the payments that it lacks first. Processes that used the ledger before reject every call.
 *
 * @returns which ledger it is, and how many records of it are known to be missing
 * @throws RangeError where an option is malformed, and rejects with LedgerError where the file cannot be used
 * @example await adoptSqliteLedger({ path: "guardian.db", operator: "alice", reason: "restored from the backup of Monday", clock: () => Date.now() })
 */
export function adoptSqliteLedger(options: AdoptOptions): Promise<Adopted> {
  const order = checkOrder(options);
  try {
    return Promise.resolve(adopt(order));
  } catch (error) {
    const commands = options.commands ?? OWN_COMMANDS;
    return Promise.reject(withCommands(unavailable(error, order.path), commands));
  }
}

type Order = Readonly<{ path: string; operator: string; reason: string; at_ms: number }>;

function checkOrder({ path, operator, reason, clock }: AdoptOptions): Order {
  if (typeof path !== "string" || path === "" || path !== path.trim())
    throw new RangeError("path: name the file of a ledger, without blanks around it");
  if (!idSchema.safeParse(operator).success)
    throw new RangeError("operator: an id of 1–128 characters");
  if (typeof reason !== "string" || !REASON.test(reason))
    throw new RangeError("reason: 1–512 characters");
  const at_ms = clock();
  if (!Number.isSafeInteger(at_ms) || at_ms < 0)
    throw new RangeError("clock: milliseconds since 1970");
  return { path, operator, reason, at_ms };
}

function adopt(order: Order): Adopted {
  const found = findFile(order.path);
  const db = openDatabase(order.path, found);
  try {
    checkSound(db, order.path);
    migrate(db, found.realPath);
    const statements = prepareStatements(db);
    statements.begin.run();
    const { adopted, missing } = writeOrder(statements, order, found);
    statements.commit.run();
    openWitness(witnessPath(found.realPath), adopted, null, order.path).close();
    const { ledger_id, epoch } = adopted;
    return Object.freeze({ ledger_id, epoch, missing_records: missing });
  } finally {
    if (db.inTransaction) db.exec("ROLLBACK");
    db.close();
  }
}

/** Rejects a damaged file: a backup that was copied beside the log of a later state is a mixture of both. */
function checkSound(db: SqliteDatabase, path: string): void {
  const [found] = db.prepare("PRAGMA integrity_check(1)").all().flat();
  if (found === "ok") return;
  throw rejection(
    `the file is damaged, or lies beside the log of another state: remove ${path}-wal and ${path}-shm, copy the backup again, and adopt it then`,
    path,
    "SQLITE_CORRUPT",
  );
}

function writeOrder(
  statements: Statements,
  order: Order,
  { realPath }: FoundFile,
): Readonly<{ adopted: Testimony; missing: number }> {
  const { path, ...facts } = order;
  const row = toIdentity(statements.identity.get());
  const before = toWhole(statements.newestSeq.get());
  const testimony = readWitness(witnessPath(realPath), path);
  const epoch = nextEpoch(row, testimony);
  const seq = before + 1;
  const witnessed = testimony?.ledger_id === row.ledger_id ? testimony.seq : 0;
  const missing = Math.max(witnessed - before, 0);
  const record = canonicalize({
    record_version: 1,
    ...facts,
    ledger_id: row.ledger_id,
    epoch,
    path: realPath,
    path_before: row.path,
    newest_seq: before,
    witness: testimony === null ? null : { ...testimony },
    missing_records: missing,
  });
  statements.adopt.run(epoch, realPath);
  statements.addRecord.run(seq, order.at_ms, "adopted", record);
  return { adopted: { ledger_id: row.ledger_id, epoch, seq }, missing };
}

/** Above every epoch that was seen, so that no process of any of them goes on. */
function nextEpoch(row: IdentityRow, testimony: Testimony | null): number {
  const seen = testimony?.ledger_id === row.ledger_id ? testimony.epoch : 0;
  return Math.max(row.epoch, seen) + 1;
}
