/** The SQL that dates the future of a SQLite ledger now. */
import { SUM_COLUMNS } from "./sqlite-schema.js";

const SUMS = SUM_COLUMNS.join(", ");
const NEW_SUMS = SUM_COLUMNS.map((column) => `${column} = excluded.${column}`).join(", ");
const TOTALS = SUM_COLUMNS.map((column) => `sum(${column})`).join(", ");

/** SQL that dates the future now, by parameters `now`; the newest running sum is the sum of all. */
export const REDATE = {
  redateWithdrawals: `UPDATE withdrawals SET counted_at_ms = min(counted_at_ms, @now),
      answer = CASE WHEN allowed_at_ms > @now THEN NULL ELSE answer END,
      allowed_at_ms = min(allowed_at_ms, @now)
    WHERE counted_at_ms > @now OR allowed_at_ms > @now`,
  redateSums: `INSERT INTO running_sums SELECT scope, @now, ${SUMS} FROM scopes WHERE newest_ms > @now
    ON CONFLICT (scope, at_ms) DO UPDATE SET ${NEW_SUMS}`,
  forgetSums: `DELETE FROM running_sums WHERE at_ms > @now
    AND scope IN (SELECT scope FROM scopes WHERE newest_ms > @now)`,
  redateCorrections: `INSERT INTO corrections SELECT scope, level, @bucket, ${TOTALS} FROM corrections
      WHERE level = @level AND bucket >= @bucket
        AND scope IN (SELECT scope FROM scopes WHERE corrected_ms > @now)
      GROUP BY scope, level
    ON CONFLICT (scope, level, bucket) DO UPDATE SET ${NEW_SUMS}`,
  forgetCorrections: `DELETE FROM corrections WHERE level = @level AND bucket > @bucket
    AND scope IN (SELECT scope FROM scopes WHERE corrected_ms > @now)`,
  redateScopes: `UPDATE scopes SET time_ms = min(time_ms, @now), newest_ms = min(newest_ms, @now),
    corrected_ms = min(corrected_ms, @now), last_allow_ms = min(last_allow_ms, @now),
    other_allow_ms = min(other_allow_ms, @now), attempted_ms = min(attempted_ms, @now)`,
  redateAttempts: "UPDATE attempts SET at_ms = @now WHERE at_ms > @now",
  redateFreezes: "UPDATE freezes SET frozen_at_ms = @now WHERE frozen_at_ms > @now",
  acceptClock: "UPDATE clock SET accepted = accepted + 1, accepted_ms = @now",
} as const;
