/** Brings the tables of a SQLite file to the newest version, in one transaction. */
import type Database from "better-sqlite3";
import { versionOf } from "./identity.js";
import { MIGRATIONS } from "./schema/index.js";

/** Applies the missing migrations; a file that had no path of its own gets the one where it lies. */
export function migrate(db: Database.Database, realPath: string): void {
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
export function makeTables(db: Database.Database, realPath: string | null): void {
  db.exec("BEGIN IMMEDIATE");
  applyMissing(db, realPath);
  db.exec("COMMIT");
}

function applyMissing(db: Database.Database, realPath: string | null): void {
  for (const migration of MIGRATIONS.slice(versionOf(db))) db.exec(migration);
  db.prepare("UPDATE ledger SET path = ? WHERE path IS NULL").run(realPath);
  db.pragma(`user_version = ${MIGRATIONS.length}`);
}
