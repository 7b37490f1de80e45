/** Identifies the ledger of an open file: the same one as before, and no older state of it. */
import type { LedgerIdentity } from "../../ports.js";
import { OWN_COMMANDS } from "./commands.js";
import type { FileId } from "./file.js";
import type { SqliteDatabase } from "./driver/index.js";
import { rejection } from "./errors.js";
import { type IdentityRow, toIdentity, toWhole } from "./rows.js";
import { MIGRATIONS } from "./schema/index.js";
import type { Statements } from "./statements.js";

/** The identity of a process's ledger, kept apart from its file. */
export type Memory = {
  identity: LedgerIdentity | null;
  /** Newest record that was seen. */
  seq: number;
  /** The file that was opened first; null before that. */
  file: FileId | null;
};

/** Tables that every version has. */
const TABLES = ["freezes", "attempts", "records"];

/** How far the migrations of a file have come. */
export const versionOf = (db: SqliteDatabase): number =>
  toWhole(db.prepare("PRAGMA user_version").get());

/**
 * Checks whether a file holds a ledger.
 *
 * @throws LedgerError where it holds something else, or a ledger of a newer version
 */
export function checkTables(db: SqliteDatabase, path: string): void {
  const version = versionOf(db);
  if (version > MIGRATIONS.length) {
    throw rejection(
      `the ledger is of the newer version ${version}, and this program supports ${MIGRATIONS.length}: install the newer program`,
      path,
    );
  }
  const names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all().flat();
  if (version > 0 && TABLES.every((name) => names.includes(name))) return;
  throw rejection("the file is a database without a ledger's tables: correct the path", path);
}

/**
 * Compares the file of a path with the one that the ledger was made for.
 *
 * @throws LedgerError where it is another one
 */
export function checkPath({ path: madeFor }: IdentityRow, realPath: string, path: string): void {
  if (madeFor === realPath) return;
  throw rejection(
    `the ledger was made for ${madeFor ?? "no file"} and lies at ${realPath}: two copies would each allow the whole limit. Where it was moved and no other copy is used, adopt it with ${OWN_COMMANDS.adopt}`,
    path,
  );
}

/**
 * Compares an open ledger with the process's record of it, and updates the record; under the write lock, or at opening.
 *
 * @returns the number of the newest record
 * @throws LedgerError where it is another ledger, of another epoch or version, or an older state
 */
export function recognise(statements: Statements, memory: Memory, path: string): number {
  const version = toWhole(statements.userVersion.get());
  if (version !== MIGRATIONS.length) {
    throw rejection(
      `the ledger was brought to version ${version} by another program, and this one supports ${MIGRATIONS.length}: restart it in the newer version`,
      path,
    );
  }
  const { ledger_id, epoch } = toIdentity(statements.identity.get());
  const seq = toWhole(statements.newestSeq.get());
  const { identity: known } = memory;
  if (known !== null && known.ledger_id !== ledger_id) {
    throw rejection(
      "the file is another ledger than before: put the right one back, or restart the process",
      path,
    );
  }
  if (known !== null && known.epoch !== epoch) {
    throw rejection(
      `the ledger was adopted (epoch ${epoch}) while this process used epoch ${known.epoch}: restart the process`,
      path,
    );
  }
  if (seq < memory.seq) {
    throw rejection(
      `the ledger is behind what this process has seen (record ${seq} of ${memory.seq}): an older copy was put in its place. Put the newest back, or adopt this one with ${OWN_COMMANDS.adopt} and restart the process`,
      path,
    );
  }
  memory.identity ??= Object.freeze({ ledger_id, epoch });
  memory.seq = seq;
  return seq;
}
