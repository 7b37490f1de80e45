/** Maps failures of a SQLite ledger to errors with what to do. */
import Database from "better-sqlite3";
import { LedgerError, type LedgerFacts } from "../../errors.js";
import { ownCode } from "../../internal/own.js";

/** Checks whether SQLite itself threw the error. */
export const isSqliteError = (error: unknown): error is InstanceType<typeof Database.SqliteError> =>
  error instanceof Database.SqliteError;

/** Checks whether another connection holds the lock. */
export const isBusy = (error: unknown): boolean =>
  isSqliteError(error) && /^SQLITE_(BUSY|LOCKED)/.test(error.code);

/** Checks whether the value to write caused the error, so that other steps may go on. */
export const isOwnFault = (error: unknown): boolean =>
  error instanceof RangeError ||
  error instanceof TypeError ||
  (isSqliteError(error) && /^SQLITE_(CONSTRAINT|TOOBIG|MISMATCH|RANGE)/.test(error.code));

/** What to do, by the code of the system or of SQLite. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/^(SQLITE_FULL|ENOSPC|EDQUOT)/, "the disk is full: make room, and it goes on by itself"],
  [
    /^(SQLITE_READONLY|EROFS|EACCES|EPERM)/,
    "the file or its folder cannot be written: let the process's user write to both, on a disk that is not mounted read-only",
  ],
  [
    /^(SQLITE_CORRUPT|SQLITE_NOTADB)/,
    "the file is damaged: stop every process, restore the newest backup, and adopt it with guardian-ledger adopt (adoptSqliteLedger)",
  ],
  [
    /^(SQLITE_CANTOPEN|ENOENT|ENOTDIR)/,
    "the file cannot be opened: look whether its disk is mounted and its folder exists",
  ],
  [/^(SQLITE_IOERR|EIO)/, "the disk failed: look into the system's log"],
];

/** The code of an error of the system or of SQLite. */
function errnoOf(error: unknown): Readonly<{ errno?: string }> {
  const code = ownCode(error);
  return /^[A-Z][A-Z0-9_]{2,63}$/.test(code) ? { errno: code } : {};
}

/** Maps any error to a `LedgerError` with the file's path. */
export function unavailable(error: unknown, path?: string): LedgerError {
  const facts: LedgerFacts = { ...(path === undefined ? {} : { path }), ...errnoOf(error) };
  if (error instanceof LedgerError) {
    return error.facts.path !== undefined || path === undefined
      ? error
      : new LedgerError(error.code, error.message, error.cause, { ...facts, ...error.facts });
  }
  const remedy = REMEDIES.find(([pattern]) => pattern.test(facts.errno ?? ""))?.[1];
  return new LedgerError("ledger_unavailable", remedy ?? "the database failed", error, facts);
}

/** Makes a rejection: what is wrong, and what to do. */
export const rejection = (detail: string, path: string, errno?: string): LedgerError =>
  new LedgerError("ledger_unavailable", detail, undefined, {
    path,
    ...(errno === undefined ? {} : { errno }),
  });
