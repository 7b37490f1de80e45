/** Checks the file of a SQLite ledger: it exists, is a database, and stays the same one. */
import {
  accessSync,
  closeSync,
  constants,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
  unlinkSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { ownCode } from "../../internal/own.js";
import { LedgerError } from "../../errors.js";
import { OWN_COMMANDS } from "./commands.js";
import { rejection, unavailable } from "./errors.js";

/** Path of a ledger that is in no file. */
export const MEMORY_PATH = ":memory:";

/** How SQLite's files begin. */
const MAGIC = "SQLite format 3\0";

/** Begins the name, after the file's own, of a file that is being made. */
export const UNFINISHED = ".new-";

const NO_ENTRY = { throwIfNoEntry: false } as const;
const RESTORE = `restore the file, or adopt a backup with ${OWN_COMMANDS.adopt}`;

/** Checks the folder of a file; throws where it is missing or no folder. */
export function checkFolder(path: string): void {
  const folder = dirname(path);
  try {
    if (statSync(folder).isDirectory()) return;
  } catch (error) {
    const errno = ownCode(error);
    const detail = `the ledger's folder cannot be opened (${errno}): create ${folder}, or correct the path`;
    throw new LedgerError("ledger_unavailable", detail, error, { path, errno });
  }
  throw rejection(`${folder} is no folder: correct the path`, path, "ENOTDIR");
}

/** Checks whether a file is there, of whatever kind. */
export const isThere = (path: string): boolean => statSync(path, NO_ENTRY) !== undefined;

/** A file with the header of a database. */
export type FoundFile = Readonly<{ realPath: string; stats: Stats }>;

/**
 * Finds the file of a ledger.
 *
 * @throws LedgerError where it is missing, empty, no SQLite file, has a second name, or cannot be written
 */
export function findFile(path: string): FoundFile {
  checkFolder(path);
  try {
    const stats = statSync(path, NO_ENTRY);
    if (stats === undefined) {
      throw rejection(
        `the ledger's file is missing: mount its disk, correct the path, ${RESTORE}; a new ledger is made by ${OWN_COMMANDS.create} alone`,
        path,
        "ENOENT",
      );
    }
    if (!stats.isFile()) throw rejection("the path is of no file: correct it", path);
    const realPath = realpathSync(path);
    if (stats.nlink > 1) finishCreation(realPath, stats);
    const single = statSync(realPath);
    checkNames(single, path);
    if (single.size === 0) throw rejection(`the ledger's file is empty: ${RESTORE}`, path);
    checkMagic(realPath, path);
    accessSync(realPath, constants.R_OK | constants.W_OK);
    accessSync(dirname(realPath), constants.W_OK);
    return { realPath, stats: single };
  } catch (error) {
    throw unavailable(error, path);
  }
}

function checkNames({ nlink }: Stats, path: string): void {
  if (nlink === 1) return;
  throw rejection(
    `the ledger's file has ${nlink} names (hard links), and SQLite keeps one log for each: remove all names but one`,
    path,
  );
}

/** Removes the temporary name that an interrupted creation left. */
function finishCreation(realPath: string, { dev, ino }: Stats): void {
  const folder = dirname(realPath);
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(basename(realPath) + UNFINISHED)) continue;
    const other = statSync(join(folder, name), NO_ENTRY);
    if (other?.dev !== dev || other.ino !== ino) continue;
    try {
      unlinkSync(join(folder, name));
    } catch (error) {
      if (ownCode(error) !== "ENOENT") throw error; // its maker was faster
    }
  }
}

function checkMagic(realPath: string, path: string): void {
  const file = openSync(realPath, "r");
  try {
    const head = Buffer.alloc(MAGIC.length);
    readSync(file, head, 0, head.length, 0);
    if (head.toString("latin1") === MAGIC) return;
  } finally {
    closeSync(file);
  }
  throw rejection("the file is no SQLite database: correct the path, or restore the file", path);
}

/** Which file of a disk it is, whatever its name. */
export type FileId = Readonly<Pick<Stats, "dev" | "ino">>;

/**
 * Compares a found file with the one that the process opened first. Before SQLite opens it: SQLite would take the log
 * that lies beside the path for the new file's, write it there and remove it, and the file that is put back would lack it.
 *
 * @throws LedgerError where it is another one
 */
export function checkSame({ stats }: FoundFile, before: FileId | null, path: string): void {
  if (before === null || (stats.ino === before.ino && stats.dev === before.dev)) return;
  throw rejection(REPLACED, path);
}

const REPLACED = `the ledger's file was replaced while it was open: put the file back that was there, or stop every process and adopt the new one with ${OWN_COMMANDS.adopt}`;

/** Compares a file and its log with their state at opening. */
export type FileGuard = Readonly<{
  /** @throws LedgerError where either is gone, another one, or has a second name */
  check(): void;
}>;

/** Guards an open file whose log exists as well. */
export function guardFile(path: string, { realPath, stats }: FoundFile): FileGuard {
  const logPath = `${realPath}-wal`;
  const log = statSync(logPath, NO_ENTRY);
  return {
    check() {
      const now = statSync(path, NO_ENTRY);
      if (now === undefined) {
        throw rejection(
          "the ledger's file was removed or moved while it was open: put it back",
          path,
          "ENOENT",
        );
      }
      if (now.ino !== stats.ino || now.dev !== stats.dev) {
        throw rejection(REPLACED, path);
      }
      if (now.size === 0)
        throw rejection(`the ledger's file was emptied while it was open: ${RESTORE}`, path);
      checkNames(now, path);
      const logNow = statSync(logPath, NO_ENTRY);
      if (log !== undefined && logNow?.ino === log.ino && logNow.dev === log.dev) return;
      throw rejection(
        "the ledger's write-ahead log was removed or replaced while it was open: leave the files with -wal and -shm alone",
        path,
      );
    },
  };
}
