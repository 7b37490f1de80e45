/** The SQL that dates the future of a SQLite ledger; the newest running sum is the sum of all. */
import { SUM_COLUMNS } from "./sums.js";

const NEW_SUMS = SUM_COLUMNS.map((column) => `${column} = excluded.${column}`).join(", ");
const TOTALS = SUM_COLUMNS.map((column) => `sum(${column})`).join(", ");
const named = (prefix: string) => SUM_COLUMNS.map((column) => `${prefix}_${column}`).join(", ");

const sumsOf = (channel: "main" | "reserved", offset: number) => ({
  [`redate_${channel}`]: `INSERT INTO running_sums
      SELECT number * 2 + ${offset}, @limit, ${named(channel)} FROM scopes WHERE ${channel}_ms > @limit
    ON CONFLICT (journal, at_ms) DO UPDATE SET ${NEW_SUMS}`,
  [`forget_${channel}`]: `DELETE FROM running_sums WHERE at_ms > @limit
    AND journal IN (SELECT number * 2 + ${offset} FROM scopes WHERE ${channel}_ms > @limit)`,
});

const CORRECTED = `journal IN (SELECT number * 2 FROM scopes WHERE main_corrected_ms > @limit
  UNION ALL SELECT number * 2 + 1 FROM scopes WHERE reserved_corrected_ms > @limit)`;

/** By parameters `now`, and `limit` for counted times. A state without an answer is an ALLOW out of force. */
export const REDATE = {
  redatePayments: `UPDATE payments SET counted_at_ms = min(counted_at_ms, @limit),
      state = CASE WHEN allowed_at_ms <= @now OR allowed_at_ms IS NULL OR state IS NULL THEN state
        WHEN json_type(state, '$.record') IS NOT NULL THEN '{"record":null}'
        ELSE json_remove(state, '$.answer') END,
      allowed_at_ms = min(allowed_at_ms, @now)
    WHERE counted_at_ms > @limit OR allowed_at_ms > @now`,
  ...(sumsOf("main", 0) as Record<"redate_main" | "forget_main", string>),
  ...(sumsOf("reserved", 1) as Record<"redate_reserved" | "forget_reserved", string>),
  redateCorrections: `INSERT INTO corrections SELECT journal, level, @bucket, ${TOTALS} FROM corrections
      WHERE level = @level AND bucket >= @bucket AND ${CORRECTED} GROUP BY journal, level
    ON CONFLICT (journal, level, bucket) DO UPDATE SET ${NEW_SUMS}`,
  forgetCorrections: `DELETE FROM corrections WHERE level = @level AND bucket > @bucket AND ${CORRECTED}`,
  redateScopes: `UPDATE scopes SET time_ms = min(time_ms, @now), last_allow_ms = min(last_allow_ms, @now),
    other_allow_ms = min(other_allow_ms, @now), attempted_ms = min(attempted_ms, @now),
    main_ms = min(main_ms, @limit), main_corrected_ms = min(main_corrected_ms, @limit),
    reserved_ms = min(reserved_ms, @limit), reserved_corrected_ms = min(reserved_corrected_ms, @limit)`,
  redateAttempts: `INSERT INTO attempts SELECT scope, @now, sum(count) FROM attempts
      WHERE at_ms > @now GROUP BY scope
    ON CONFLICT (scope, at_ms) DO UPDATE SET count = count + excluded.count`,
  forgetLaterAttempts: "DELETE FROM attempts WHERE at_ms > @now",
  redateAccountFreezes: "UPDATE account_freezes SET last_at_ms = @now WHERE last_at_ms > @now",
  redateFreezes: `UPDATE freezes SET frozen_at_ms = min(frozen_at_ms, @now), last_at_ms = min(last_at_ms, @now)
    WHERE frozen_at_ms > @now OR last_at_ms > @now`,
  redateDestinations: "UPDATE destinations SET known_at_ms = @now WHERE known_at_ms > @now",
  acceptClock: "UPDATE clock SET accepted = accepted + 1, accepted_ms = @now",
} as const;
