/** Options of a PostgreSQL ledger. */
import type { PostgresPool } from "./connection.js";

/** Options of `createPostgresLedger`. */
export type PostgresLedgerOptions = Readonly<{
  /** A `pg.Pool`, or an equivalent; the caller ends it. */
  pool: PostgresPool;
  /** Schema of the tables: `guardian`. */
  schema?: string;
  /** Whether a ledger is made where the schema has none: `true`. Once there is one, `false` prevents an empty one from taking its place. */
  create?: boolean;
  /** Transactions at a time, at most as many as the pool has connections: 4. */
  connections?: number;
  /** Milliseconds after which an unanswered transaction is given up and its connection closed: 5,000. */
  limitMs?: number;
  /**
   * Whose time counts: the database's own, read under the locks, or the caller's, for simulations
   * and tests that move it.
   */
  clock?: "database" | "caller";
  /**
   * File of this process that carries over restarts which records were acknowledged, so that a ledger without them
   * is rejected. It is written after each commit, without a flush; one that cannot be written fails nothing.
   */
  witness?: string;
  /**
   * Table of the schema, the caller's, whose row with `id` 1 has a `generation` (bigint): the number of the evidence that
   * is current for all processes. It is read under the locks of each transaction, and handed to `finalize`.
   */
  evidenceTable?: string;
}>;
