/** The driver `node:sqlite`, which comes with Node 22.16 and 24: nothing has to be installed or compiled. */
import { pathToFileURL } from "node:url";
import type { SqliteDatabase, SqliteDriver, SqliteStatement } from "./types.js";

/** What is used of its statements. */
type NodeStatement = {
  run(...values: unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  get(...values: unknown[]): unknown;
  all(...values: unknown[]): unknown[];
  setReadBigInts(enabled: boolean): void;
  setReturnArrays(enabled: boolean): void;
};

/** What is used of its databases. */
type NodeDatabase = {
  readonly isTransaction: boolean;
  exec(text: string): void;
  prepare(text: string): NodeStatement;
  close(): void;
};

/** The built-in module, as far as it is used. */
export type NodeSqlite = Readonly<{
  DatabaseSync: new (path: string | URL, options: Readonly<{ timeout: number }>) => NodeDatabase;
  StatementSync: Readonly<{ prototype: object }>;
}>;

/** Whether the module can do what is needed: earlier versions return no arrays and do not show an open transaction. */
export const isComplete = ({ StatementSync }: NodeSqlite): boolean =>
  Object.hasOwn(StatementSync.prototype, "setReturnArrays");

/** Wraps the module. */
export const nodeSqlite = ({ DatabaseSync }: NodeSqlite): SqliteDriver => ({
  name: "node:sqlite",
  open: (path) => wrap(path, new DatabaseSync(addressOf(path), { timeout: 0 })),
});

/** A missing file is an error, never made. */
function addressOf(path: string): string | URL {
  if (path === ":memory:") return path;
  const url = pathToFileURL(path);
  url.searchParams.set("mode", "rw");
  return url;
}

const wrap = (path: string, db: NodeDatabase): SqliteDatabase => ({
  name: path,
  get inTransaction() {
    return db.isTransaction;
  },
  exec: (text) => {
    db.exec(text);
  },
  prepare: (text, integers = "number") => wrapStatement(db.prepare(text), integers),
  close: () => {
    db.close();
  },
});

function wrapStatement(statement: NodeStatement, integers: "number" | "bigint"): SqliteStatement {
  statement.setReturnArrays(true);
  statement.setReadBigInts(integers === "bigint");
  return {
    run: (...values) => {
      const { changes, lastInsertRowid } = statement.run(...values.map(bound));
      return { changes: Number(changes), lastInsertRowid };
    },
    get: (...values) => statement.get(...values.map(bound)),
    all: (...values) => statement.all(...values.map(bound)),
  };
}

/** Whole numbers as integers: the module binds every `number` as a floating-point value. */
function bound(value: unknown): unknown {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, bound(one)]));
}
