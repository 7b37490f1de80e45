/** Rule: repeated requests of a frozen scope are reported (Wallet Guardian v2, sections 3.5 and 6, GW-SIM-001). */
import type { GuardianDecisionName, GuardianRisk } from "@dgb-shield/contract";
import { found, type RuleResult, NO_FINDING } from "./finding.js";
import type { DecisionTable } from "../policy/decision-table.js";

/** Attempts on one frozen scope. */
export type AttemptState = Readonly<{
  /** Rejected before within the policy's time, the one that froze it counted. */
  attempts: number;
  /** `persistent_attempts.count` of the policy. */
  count: number;
  /** The decision of all other rules. */
  decision: GuardianDecisionName;
  risk: GuardianRisk;
  table: DecisionTable;
}>;

/** Checks whether a decision counts as an attempt on the scopes that are frozen. */
export const isAttempt = (decision: GuardianDecisionName): boolean =>
  decision === "FREEZE" || decision === "REJECT";

/**
 * Applies from the `count`-th FREEZE or REJECT of a frozen scope on, this one counted.
 *
 * @returns `frozen_persistent_attempts`
 */
export function evaluatePersistentAttempts(state: AttemptState): RuleResult {
  const { attempts, count, decision, risk, table } = state;
  // [FREEZE|REJECT frozen_persistent_attempts] too many requests while frozen
  return isAttempt(decision) && attempts + 1 >= count
    ? found({
        code: "frozen_persistent_attempts",
        decision: table.frozen_persistent_attempts[risk],
      })
    : NO_FINDING;
}
