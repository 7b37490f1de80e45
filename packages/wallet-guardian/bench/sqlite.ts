/** SQLite as the ledger reaches it: through the driver that this process has chosen. */
import { writeFileSync } from "node:fs";
import { openSqlite, type SqliteDatabase } from "../src/adapters/sqlite/driver/index.js";

export { openSqlite } from "../src/adapters/sqlite/driver/index.js";

/** Makes and opens a file. */
export function makeSqlite(path: string): SqliteDatabase {
  writeFileSync(path, "", { flag: "wx" });
  return openSqlite(path);
}

/** One row a call, each in a durable commit of its own. */
export function rawCommits(path: string): () => void {
  const db = makeSqlite(path);
  db.exec("PRAGMA journal_mode = WAL");
  db.exec("PRAGMA synchronous = FULL");
  db.exec("CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT NOT NULL)");
  const insert = db.prepare("INSERT INTO rows (text) VALUES (?)");
  return () => void insert.run("one row, one commit");
}
