/** The driver better-sqlite3, a native addon that is compiled or downloaded when it is installed. */
import type Database from "better-sqlite3";
import type { SqliteDatabase, SqliteDriver } from "./types.js";

/** Wraps the addon. */
export const betterSqlite3 = (Addon: typeof Database): SqliteDriver => ({
  name: "better-sqlite3",
  open: (path) => wrap(new Addon(path, { timeout: 0, fileMustExist: path !== ":memory:" })),
});

const wrap = (db: Database.Database): SqliteDatabase => ({
  name: db.name,
  get inTransaction() {
    return db.inTransaction;
  },
  exec: (text) => void db.exec(text),
  prepare(text, integers = "number") {
    const statement = db.prepare(text);
    if (statement.reader) statement.raw(true).safeIntegers(integers === "bigint");
    return statement;
  },
  close: () => void db.close(),
});
