/** Brings the tables of a SQLite file to the newest version, in one transaction. */
import type { SqliteDatabase } from "./driver/index.js";
import { versionOf } from "./identity.js";
import { MIGRATIONS } from "./schema/index.js";

/** Applies the missing migrations; a file that had no path of its own gets the one where it lies. */
export function migrate(db: SqliteDatabase, realPath: string): void {
  if (versionOf(db) === MIGRATIONS.length) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    applyMissing(db, realPath);
    db.exec("COMMIT");
  } finally {
    if (db.inTransaction) db.exec("ROLLBACK");
  }
}

/** Makes the tables of a new ledger. */
export function makeTables(db: SqliteDatabase, realPath: string | null): void {
  db.exec("BEGIN IMMEDIATE");
  applyMissing(db, realPath);
  db.exec("COMMIT");
}

function applyMissing(db: SqliteDatabase, realPath: string | null): void {
  for (const migration of MIGRATIONS.slice(versionOf(db))) db.exec(migration);
  db.prepare("UPDATE ledger SET path = ? WHERE path IS NULL").run(realPath);
  db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
}
