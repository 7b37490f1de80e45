/** Maps failures of a SQLite ledger to errors with what to do. */
import { LedgerError, type LedgerFacts } from "../../errors.js";
import { ownCode } from "../../internal/own.js";
import { OWN_COMMANDS } from "./commands.js";

/** Primary result codes of SQLite that `node:sqlite` gives as numbers (sqlite.org/rescode.html). */
const RESULT_CODES: Readonly<Record<number, string>> = {
  5: "SQLITE_BUSY",
  6: "SQLITE_LOCKED",
  8: "SQLITE_READONLY",
  10: "SQLITE_IOERR",
  11: "SQLITE_CORRUPT",
  13: "SQLITE_FULL",
  14: "SQLITE_CANTOPEN",
  18: "SQLITE_TOOBIG",
  19: "SQLITE_CONSTRAINT",
  20: "SQLITE_MISMATCH",
  25: "SQLITE_RANGE",
  26: "SQLITE_NOTADB",
};

/** Reads the result code of SQLite from an error of either driver, or the code of the system; empty: neither. */
function codeOf(error: unknown): string {
  const code = ownCode(error);
  if (code !== "ERR_SQLITE_ERROR") return code;
  const { errcode } = error as Readonly<{ errcode?: unknown }>;
  return RESULT_CODES[Number(errcode) & 0xff] ?? "SQLITE_ERROR";
}

/** Checks whether SQLite itself threw the error. */
export const isOfSqlite = (error: unknown): boolean => codeOf(error).startsWith("SQLITE_");

/** Checks whether another connection holds the lock. */
export const isBusy = (error: unknown): boolean => /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error));

/** Checks whether the value to write caused the error, so that other steps may go on. */
export const isOwnFault = (error: unknown): boolean =>
  error instanceof RangeError ||
  error instanceof TypeError ||
  /^SQLITE_(CONSTRAINT|TOOBIG|MISMATCH|RANGE)/.test(codeOf(error));

/** What to do, by the code of the system or of SQLite. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/^(SQLITE_FULL|ENOSPC|EDQUOT)/, "the disk is full: make room, and it goes on by itself"],
  [
    /^(SQLITE_READONLY|EROFS|EACCES|EPERM)/,
    "the file or its folder cannot be written: let the process's user write to both, on a disk that is not mounted read-only",
  ],
  [
    /^(SQLITE_CORRUPT|SQLITE_NOTADB)/,
    `the file is damaged: stop every process, restore the newest backup, and adopt it with ${OWN_COMMANDS.adopt}`,
  ],
  [
    /^(SQLITE_CANTOPEN|ENOENT|ENOTDIR)/,
    "the file cannot be opened: look whether its disk is mounted and its folder exists",
  ],
  [/^(SQLITE_IOERR|EIO)/, "the disk failed: look into the system's log"],
];

/** The code of an error of the system or of SQLite. */
function errnoOf(error: unknown): Readonly<{ errno?: string }> {
  const code = codeOf(error);
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
