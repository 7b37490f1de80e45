/**
 * Whether better-sqlite3 is installed with its binary. Where it is not, the tests that need it are
 * skipped; with `REQUIRE_SERVICES=1` they run and fail.
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

export const hasSqlite = process.env["REQUIRE_SERVICES"] === "1" || canOpen();
