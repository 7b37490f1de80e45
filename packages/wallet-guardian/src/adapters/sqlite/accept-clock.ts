/** Accepts the clock in a SQLite ledger: sets later times to now (design, section 7: clocks). */
import { BUCKET_LEVELS, bucketOf } from "../../ledger/prefix-sums.js";
import type { AcceptanceOrder, NewRecord } from "../../ports.js";
import type { Acceptance } from "../../clock/time.js";
import { toAcceptance } from "./rows.js";
import type { Statements } from "./statements.js";

/** Sets later times to now; the caller holds the write lock and no open scope, and appends the record. */
export function acceptClock(
  statements: Statements,
  nowMs: number,
  { ahead_ms, recordOf }: AcceptanceOrder,
): Readonly<{ accepted: Acceptance; record: NewRecord }> {
  const record = recordOf(nowMs);
  const [now, limit] = [{ now: nowMs }, { limit: nowMs + ahead_ms }];
  statements.redatePayments.run({ ...now, ...limit });
  for (const channel of ["main", "reserved"] as const) {
    statements[`redate_${channel}`].run(limit);
    statements[`forget_${channel}`].run(limit);
  }
  for (let level = 0; level < BUCKET_LEVELS; level++) {
    const at = { ...limit, level, bucket: bucketOf(limit.limit, level) };
    statements.redateCorrections.run(at);
    statements.forgetCorrections.run(at);
  }
  statements.redateScopes.run({ ...now, ...limit });
  for (const name of ALL_BY_NOW) statements[name].run(now);
  return { accepted: toAcceptance(statements.accepted.get()), record };
}

const ALL_BY_NOW = [
  "redateAttempts",
  "forgetLaterAttempts",
  "redateAccountFreezes",
  "redateFreezes",
  "redateDestinations",
  "acceptClock",
] as const;
