/** Changes a SQLite file as an attacker would: past the ledger. */
import { createRequire } from "node:module";

type Database = Readonly<{ exec(text: string): unknown; close(): unknown }>;
type Constructor = new (path: string) => Database;

const require = createRequire(import.meta.url);

/** The driver that there is: Node's own where Node has one. */
function driver(): Constructor {
  try {
    return (require("node:sqlite") as { DatabaseSync: Constructor }).DatabaseSync;
  } catch {
    return require("better-sqlite3") as Constructor;
  }
}

/** Runs statements. */
export function runSql(path: string, text: string): void {
  const db = new (driver())(path);
  db.exec(text);
  db.close();
}
