/** What the ledger uses of SQLite, whatever driver brings it. */

/**
 * A prepared statement; rows are arrays in the order of the columns. Values stand for `?` in their order, or one object
 * for named parameters: string, number, bigint, null or bytes; anything else is a TypeError.
 */
export interface SqliteStatement {
  /** Runs it; answers with how many rows it changed, and the number of the row that it added last. */
  run(...values: unknown[]): Readonly<{ changes: number; lastInsertRowid: number | bigint }>;
  /** The first row; undefined: none. */
  get(...values: unknown[]): unknown;
  /** Every row. */
  all(...values: unknown[]): readonly unknown[];
}

/** An open database. */
export interface SqliteDatabase {
  /** Path that it was opened with. */
  readonly name: string;
  /** Whether a transaction is open. */
  readonly inTransaction: boolean;
  /** Runs statements that have no values and return no rows. */
  exec(text: string): void;
  /** Prepares one statement; its integers come as `number` (below 2^53), or all as `bigint`. */
  prepare(text: string, integers?: "number" | "bigint"): SqliteStatement;
  close(): void;
}

/** A way to reach SQLite. */
export interface SqliteDriver {
  readonly name: "node:sqlite" | "better-sqlite3";
  /** Opens a file that exists (or `:memory:`); a lock of another connection is an error at once. */
  open(path: string): SqliteDatabase;
}
