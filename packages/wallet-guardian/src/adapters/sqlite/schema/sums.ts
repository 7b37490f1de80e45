/** How the SQLite ledger stores sums, and the SQL that entered the journals of its earlier versions. */

/**
 * Sums are stored in two halves, since they may exceed 64 bits: the upper halves of all amounts, and
 * the lower 32 bits of all amounts.
 */
export const SUM_COLUMNS = [
  "allowed_high",
  "allowed_low",
  "allowed_count",
  "asked_high",
  "asked_low",
  "asked_count",
] as const;

const SUMS = SUM_COLUMNS.join(", ");

/** SQL that enters the journals of many scopes at once, from the withdrawals that count. */
export const journalsOf = (scope: string, belongs: string): string => `
  INSERT INTO running_sums
    SELECT scope, at_ms, ${SUM_COLUMNS.map((column) => `sum(${column}) OVER journal`).join(", ")}
    FROM (
      SELECT ${scope} AS scope, counted_at_ms AS at_ms,
        sum(CASE counts WHEN 'allowed' THEN amount >> 32 ELSE 0 END) AS allowed_high,
        sum(CASE counts WHEN 'allowed' THEN amount & 4294967295 ELSE 0 END) AS allowed_low,
        sum(counts = 'allowed') AS allowed_count,
        sum(CASE counts WHEN 'asked' THEN amount >> 32 ELSE 0 END) AS asked_high,
        sum(CASE counts WHEN 'asked' THEN amount & 4294967295 ELSE 0 END) AS asked_low,
        sum(counts = 'asked') AS asked_count
      FROM withdrawals WHERE ${belongs} AND counts <> 'nothing' GROUP BY 1, 2
    ) WINDOW journal AS (PARTITION BY scope ORDER BY at_ms);
  INSERT INTO scopes (scope, time_ms, journaled, ${SUMS}, last_allow_id, last_allow_ms)
    SELECT scope, 0, 1, 0, 0, 0, 0, 0, 0, withdrawal_id, max(allowed_at_ms)
    FROM (SELECT ${scope} AS scope, withdrawal_id, allowed_at_ms FROM withdrawals WHERE ${belongs})
    GROUP BY scope
    ON CONFLICT (scope) DO UPDATE SET journaled = 1, last_allow_id = excluded.last_allow_id,
      last_allow_ms = excluded.last_allow_ms;
  UPDATE scopes SET last_allow_id = NULL WHERE last_allow_ms IS NULL;
  UPDATE scopes SET other_allow_ms = others.at_ms
    FROM (
      SELECT scope AS of_scope, max(allowed_at_ms) AS at_ms
      FROM (SELECT ${scope} AS scope, withdrawal_id, allowed_at_ms FROM withdrawals WHERE ${belongs})
        JOIN scopes USING (scope)
      WHERE withdrawal_id IS NOT last_allow_id GROUP BY scope
    ) AS others WHERE of_scope = scope;
  UPDATE scopes SET newest_ms = at_ms, (${SUMS}) = (${SUM_COLUMNS.map((c) => `sums.${c}`).join(", ")})
    FROM (
      SELECT scope AS of_scope, max(at_ms) AS at_ms, ${SUMS} FROM running_sums GROUP BY scope
    ) AS sums WHERE of_scope = scope;`;
