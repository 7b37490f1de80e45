/**
 * Stands in for better-sqlite3 in tests where the ledgers use `node:sqlite`: a second copy of SQLite in the process would
 * release the first one's file locks. Has what the tests use of the addon.
 */
import { pathToFileURL } from "node:url";

const { DatabaseSync, backup } = process.getBuiltinModule("node:sqlite") ?? {};

const bound = (value) =>
  typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;

class Statement {
  #statement;
  #isRaw = false;
  #isPlucked = false;

  constructor(statement) {
    this.#statement = statement;
    statement.setReturnArrays(true);
  }

  get reader() {
    return this.#statement.columns().length > 0;
  }

  raw(isRaw = true) {
    this.#isRaw = isRaw;
    return this;
  }

  pluck(isPlucked = true) {
    this.#isPlucked = isPlucked;
    return this;
  }

  safeIntegers(isSafe = true) {
    this.#statement.setReadBigInts(isSafe);
    return this;
  }

  run(...values) {
    const { changes, lastInsertRowid } = this.#statement.run(...values.flat().map(bound));
    return { changes: Number(changes), lastInsertRowid: Number(lastInsertRowid) };
  }

  get(...values) {
    const row = this.#statement.get(...values.flat().map(bound));
    return row === undefined ? undefined : this.#shaped(row);
  }

  all(...values) {
    return this.#statement.all(...values.flat().map(bound)).map((row) => this.#shaped(row));
  }

  #shaped(row) {
    const cells = row.map((cell) => (cell instanceof Uint8Array ? Buffer.from(cell) : cell));
    if (this.#isPlucked) return cells[0];
    if (this.#isRaw) return cells;
    const names = this.#statement.columns().map(({ name }) => name);
    return Object.fromEntries(names.map((name, at) => [name, cells[at]]));
  }
}

export default class Database {
  #db;
  #isSafe = false;

  constructor(path, { readonly = false, fileMustExist = false, timeout = 5_000 } = {}) {
    const address = path === ":memory:" ? path : pathToFileURL(path);
    if (typeof address !== "string" && fileMustExist) address.searchParams.set("mode", "rw");
    this.name = path;
    this.#db = new DatabaseSync(address, { readOnly: readonly, timeout });
  }

  get inTransaction() {
    return this.#db.isTransaction;
  }

  defaultSafeIntegers(isSafe = true) {
    this.#isSafe = isSafe;
    return this;
  }

  prepare(text) {
    return new Statement(this.#db.prepare(text)).safeIntegers(this.#isSafe);
  }

  exec(text) {
    this.#db.exec(text);
    return this;
  }

  pragma(text, { simple = false } = {}) {
    const rows = this.prepare(`PRAGMA ${text}`).all();
    return simple ? Object.values(rows[0] ?? {})[0] : rows;
  }

  transaction(work) {
    return (...given) => {
      this.#db.exec("BEGIN");
      try {
        const result = work(...given);
        this.#db.exec("COMMIT");
        return result;
      } catch (error) {
        if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
        throw error;
      }
    };
  }

  backup(path) {
    return backup(this.#db, path);
  }

  close() {
    this.#db.close();
    return this;
  }
}
