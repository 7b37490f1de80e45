/** Makes the file of a new SQLite ledger: whole or not at all, and never over anything. */
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, realpathSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ownCode } from "../../internal/own.js";
import { OWN_COMMANDS } from "./commands.js";
import { openSqlite } from "./driver/index.js";
import { rejection, unavailable } from "./errors.js";
import { checkFolder, isThere, UNFINISHED } from "./file.js";
import { makeTables } from "./migrate.js";
import { witnessPath } from "./witness.js";

/**
 * Makes a missing file; an existing one stays unchanged.
 *
 * @param hasWitness whether the ledgers of this path keep a witness
 * @throws LedgerError where something of an earlier ledger is left, or the file cannot be made
 */
export function createFile(path: string, hasWitness: boolean): void {
  if (isThere(path)) return;
  checkFolder(path);
  const realPath = join(realpathSync(dirname(path)), basename(path));
  const leftover = [
    `${realPath}-wal`,
    `${realPath}-journal`,
    ...(hasWitness ? [witnessPath(realPath)] : []),
  ].find(isThere);
  // Another process may have made the ledger, and started to use it, since the first check.
  if (leftover !== undefined && isThere(path)) return;
  if (leftover !== undefined) throw leftOver(leftover, path);
  const unfinished = `${realPath}${UNFINISHED}${randomBytes(8).toString("hex")}`;
  try {
    fill(unfinished, realPath);
    linkSync(unfinished, realPath);
  } catch (error) {
    // another process was faster: its file is the ledger
    if (ownCode(error) !== "EEXIST") throw unavailable(error, path);
  } finally {
    rmSync(unfinished, { force: true });
    rmSync(`${unfinished}-journal`, { force: true });
  }
  syncFolder(dirname(realPath));
}

const leftOver = (other: string, path: string) =>
  rejection(
    `${other} of an earlier ledger is there, and its file is missing: restore that ledger and adopt it with ${OWN_COMMANDS.adopt}, or remove ${other} as well where its limits and freezes are to be forgotten`,
    path,
  );

function fill(unfinished: string, realPath: string): void {
  closeSync(openSync(unfinished, "wx", 0o600));
  const db = openSqlite(unfinished);
  try {
    db.exec("PRAGMA synchronous = FULL");
    makeTables(db, realPath);
    db.exec("PRAGMA journal_mode = WAL");
  } finally {
    db.close();
  }
  const file = openSync(unfinished, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Makes the new name durable, where the system can. */
function syncFolder(folder: string): void {
  let file: number | null = null;
  try {
    file = openSync(folder, "r");
    fsyncSync(file);
  } catch {
    // a folder cannot be opened on some systems
  } finally {
    if (file !== null) closeSync(file);
  }
}
