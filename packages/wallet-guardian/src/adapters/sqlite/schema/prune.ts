/** The SQL of retention in a SQLite ledger. Each statement touches a bounded number of rows, found by an index. */
import { SHRINKABLE } from "./version-4.js";

/** Rows of one key of a table that are older than `before`, at most `limit`. */
const removeOld = (table: string, key: string, column: string, upTo: string) => `
  DELETE FROM ${table} WHERE ${key} = @key AND ${column} IN (
    SELECT ${column} FROM ${table} WHERE ${key} = @key AND ${column} < ${upTo} ORDER BY ${column} LIMIT @limit)`;

const nextKey = (table: string, key: string) =>
  `SELECT ${key} FROM ${table} WHERE ${key} > ? ORDER BY ${key} LIMIT 1`;

export const PRUNE = {
  // a row that only got shorter would keep its page: it moves to the end, where rows without a state lie together
  pruneStates: `UPDATE payments SET state = NULL, row = place FROM (
      SELECT row AS pruned, (SELECT max(row) FROM payments) + row_number() OVER (ORDER BY row) AS place
      FROM (
        SELECT row FROM payments INDEXED BY settled WHERE ${SHRINKABLE}
          AND coalesce(counted_at_ms, allowed_at_ms, 0) < ? LIMIT ?
      )
    ) WHERE row = pruned`,
  pruneRecords: `DELETE FROM records WHERE seq IN (
    SELECT seq FROM records WHERE seq <= ? ORDER BY seq LIMIT ?)`,
  notePruned: `UPDATE ledger SET pruned_seq = newest FROM (
      SELECT min(@through, coalesce(max(seq), 0)) AS newest FROM records
    ) WHERE newest > pruned_seq`,
  // the last sum at or before the time stays: from it everything later is reckoned
  pruneSums: removeOld(
    "running_sums",
    "journal",
    "at_ms",
    "(SELECT max(at_ms) FROM running_sums WHERE journal = @key AND at_ms <= @before)",
  ),
  nextSums: nextKey("running_sums", "journal"),
  pruneCorrections: `DELETE FROM corrections WHERE journal = @key AND level = @level AND bucket IN (
    SELECT bucket FROM corrections WHERE journal = @key AND level = @level AND bucket <= @bucket ORDER BY bucket LIMIT @limit)`,
  nextCorrections: nextKey("corrections", "journal"),
  pruneAttempts: removeOld("attempts", "scope", "at_ms", "@before"),
  nextAttempts: nextKey("attempts", "scope"),
  pruneAccountFreezes: `DELETE FROM account_freezes WHERE wallet_id = @key AND account_id IN (
    SELECT account_id FROM account_freezes WHERE wallet_id = @key AND last_at_ms < @before
    ORDER BY last_at_ms LIMIT @limit)`,
  nextAccountFreezes: nextKey("account_freezes", "wallet_id"),
} as const;
