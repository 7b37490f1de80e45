/** Which ledger an open file is, and that it is still the one, and no older state of it, that was seen before. */
import type Database from "better-sqlite3";
import type { LedgerIdentity } from "../../ports.js";
import { refusal } from "./errors.js";
import { type IdentityRow, toIdentity, toWhole } from "./rows.js";
import { MIGRATIONS } from "./schema/index.js";
import type { Statements } from "./statements.js";

/** What a process remembers of its ledger, whatever becomes of the file. */
export type Memory = {
  identity: LedgerIdentity | null;
  /** Newest record that was seen. */
  seq: number;
};

/** Tables that every version has. */
const TABLES = ["freezes", "attempts", "records"];

/** How far the migrations of a file have come. */
export const versionOf = (db: Database.Database): number =>
  Number(db.pragma("user_version", { simple: true }));

/**
 * Looks whether a file holds a ledger.
 *
 * @throws LedgerError where it holds something else, or a ledger of a newer version
 */
export function checkTables(db: Database.Database, path: string): void {
  const version = versionOf(db);
  if (version > MIGRATIONS.length) {
    throw refusal(
      `the ledger is of the newer version ${version}, and this program knows ${MIGRATIONS.length}: install the newer program`,
      path,
    );
  }
  const names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
  if (version > 0 && TABLES.every((name) => names.includes(name))) return;
  throw refusal("the file is a database without a ledger's tables: correct the path", path);
}

/**
 * Holds the file of a path against the one that the ledger was made for.
 *
 * @throws LedgerError where it is another one
 */
export function checkPath({ path: madeFor }: IdentityRow, realPath: string, path: string): void {
  if (madeFor === realPath) return;
  throw refusal(
    `the ledger was made for ${madeFor ?? "no file"} and lies at ${realPath}: two copies would each allow the whole limit. Where it was moved and no other copy is used, adopt it with guardian-ledger adopt (adoptSqliteLedger)`,
    path,
  );
}

/**
 * Holds an open ledger against what the process knows, and learns from it; under the write lock, or at opening.
 *
 * @returns the number of the newest record
 * @throws LedgerError where it is another ledger, of another epoch or version, or an older state
 */
export function recognise(statements: Statements, memory: Memory, path: string): number {
  const version = toWhole(statements.userVersion.get());
  if (version !== MIGRATIONS.length) {
    throw refusal(
      `the ledger was brought to version ${version} by another program, and this one knows ${MIGRATIONS.length}: restart it in the newer version`,
      path,
    );
  }
  const { ledger_id, epoch } = toIdentity(statements.identity.get());
  const seq = toWhole(statements.newestSeq.get());
  const { identity: known } = memory;
  if (known !== null && known.ledger_id !== ledger_id) {
    throw refusal(
      "the file is another ledger than before: put the right one back, or restart the process",
      path,
    );
  }
  if (known !== null && known.epoch !== epoch) {
    throw refusal(
      `the ledger was adopted (epoch ${epoch}) while this process used epoch ${known.epoch}: restart the process`,
      path,
    );
  }
  if (seq < memory.seq) {
    throw refusal(
      `the ledger is behind what this process has seen (record ${seq} of ${memory.seq}): an older copy was put in its place. Put the newest back, or adopt this one with guardian-ledger adopt (adoptSqliteLedger) and restart the process`,
      path,
    );
  }
  memory.identity ??= Object.freeze({ ledger_id, epoch });
  memory.seq = seq;
  return seq;
}
