/** Chooses the SQLite driver of this Node. */
import { createRequire } from "node:module";
import type Database from "better-sqlite3";
import { LedgerError } from "../../../errors.js";
import { betterSqlite3 } from "./better-sqlite3.js";
import { isComplete, type NodeSqlite, nodeSqlite } from "./node-sqlite.js";
import type { SqliteDatabase, SqliteDriver } from "./types.js";

export type { SqliteDatabase, SqliteDriver, SqliteStatement } from "./types.js";

let chosen: SqliteDriver | null = null;

/**
 * The driver of this process, always the same one: `node:sqlite` where Node has it (22.16, 24), else better-sqlite3. Two
 * copies of SQLite in one process would release each other's file locks.
 *
 * @throws LedgerError `ledger_unavailable` where there is neither
 */
function sqliteDriver(): SqliteDriver {
  chosen ??= find();
  return chosen;
}

/**
 * Opens a database that exists.
 *
 * @throws LedgerError where there is no driver; otherwise as the driver does
 */
export const openSqlite = (path: string): SqliteDatabase => sqliteDriver().open(path);

function find(): SqliteDriver {
  const module = builtin();
  if (module !== null && isComplete(module)) return nodeSqlite(module);
  try {
    const require = createRequire(import.meta.url);
    return betterSqlite3(require("better-sqlite3") as typeof Database);
  } catch (error) {
    throw new LedgerError(
      "ledger_unavailable",
      "no SQLite driver: run Node 24 (node:sqlite), or install better-sqlite3",
      error,
    );
  }
}

function builtin(): NodeSqlite | null {
  // Node 20 lacks the module; Node 22 before 22.13 needs a flag.
  return (process.getBuiltinModule("node:sqlite") as NodeSqlite | undefined) ?? null;
}
