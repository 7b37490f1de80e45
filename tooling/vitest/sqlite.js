/**
 * Whether there is SQLite: Node's own, or better-sqlite3 with its binary. Where there is neither, the tests that need it
 * are skipped; with `REQUIRE_SERVICES=1` they run and fail.
 */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

function canOpen() {
  try {
    const Database = require("better-sqlite3");
    new Database(":memory:").close();
    return true;
  } catch {
    return false;
  }
}

/** Whether Node brings SQLite itself, as completely as the ledgers need it: they prefer it. */
export const hasNodeSqlite = Object.hasOwn(
  process.getBuiltinModule("node:sqlite")?.StatementSync.prototype ?? {},
  "setReturnArrays",
);

export const hasSqlite = process.env["REQUIRE_SERVICES"] === "1" || hasNodeSqlite || canOpen();
