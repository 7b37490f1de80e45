/** Acceptance of the clock in a SQLite ledger: dates the future now (design, section 7: clocks). */
import { BUCKET_LEVELS, bucketOf } from "../internal/window-journal.js";
import type { NewRecord } from "../ports.js";
import type { Acceptance } from "../time.js";
import { toAcceptance } from "./sqlite-rows.js";
import type { Statements } from "./sqlite-statements.js";

/** Dates the future now and appends the record; the caller holds the write lock and no open scope. */
export function acceptClock(
  statements: Statements,
  nowMs: number,
  recordOf: (nowMs: number) => NewRecord,
): Acceptance {
  const { kind, json } = recordOf(nowMs);
  const now = { now: nowMs };
  statements.redateWithdrawals.run(now);
  statements.redateSums.run(now);
  statements.forgetSums.run(now);
  for (let level = 0; level < BUCKET_LEVELS; level++) {
    const at = { ...now, level, bucket: bucketOf(nowMs, level) };
    statements.redateCorrections.run(at);
    statements.forgetCorrections.run(at);
  }
  statements.redateScopes.run(now);
  statements.redateAttempts.run(now);
  statements.redateFreezes.run(now);
  statements.acceptClock.run(now);
  statements.putRecord.run(nowMs, kind, json);
  return toAcceptance(statements.accepted.get());
}
