/** Columns that several functions of the PostgreSQL ledger's schema share. */

/** What a journal sums up. */
export const SUMS = ["allowed", "allowed_count", "asked", "asked_count"] as const;

const SUM_TYPES = {
  allowed: "numeric",
  allowed_count: "bigint",
  asked: "numeric",
  asked_count: "bigint",
} as const;

/** Sums by name. */
export const SUM_LIST = SUMS.join(", ");

/** Sums by name and type. */
export const SUM_FIELDS = SUMS.map((sum) => `${sum} ${SUM_TYPES[sum]}`).join(", ");

/** One expression for each sum. */
export const eachSum = (expression: (sum: string) => string): string =>
  SUMS.map(expression).join(", ");

/** Takes the values of the row that could not be inserted. */
export const excluded = (columns: readonly string[]): string =>
  columns.map((column) => `${column} = excluded.${column}`).join(", ");

/** Rows whose state retention removes: heads of payments keep theirs, which names their payouts. */
export const SHRINKABLE = `status IN ('committed', 'released') AND state IS NOT NULL
        AND position('"payouts":' IN state) = 0`;

/**
 * A plan made while the tables were empty reads them from end to end, and a connection keeps it:
 * every statement finds its rows by their keys, whatever the statistics say. Another way is priced so high that the
 * server would compile the plan, which takes longer than any of them runs, and so does planning anew for each call.
 */
export const BY_KEY = [
  ...["seqscan", "bitmapscan", "hashjoin", "mergejoin"].map((way) => `SET enable_${way} = off`),
  "SET jit = off",
  "SET plan_cache_mode = force_generic_plan",
].join(" ");
