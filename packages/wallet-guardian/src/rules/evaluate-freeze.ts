/** Rule: nothing leaves a frozen scope (Wallet Guardian v2, section 3.4). */
import type { GuardianRisk } from "@dgb-shield/contract";
import { found, type RuleResult, NO_FINDING } from "./finding.js";
import type { DecisionTable } from "../policy/decision-table.js";

/**
 * Rejects every request of a frozen scope.
 *
 * @param frozen whether any scope of the request is frozen after the freezes that have ended
 * @returns `wallet_frozen`, or `high_risk_lockdown` at HIGH
 */
export function evaluateFreeze(
  frozen: boolean,
  risk: GuardianRisk,
  table: DecisionTable,
): RuleResult {
  if (!frozen) return NO_FINDING;
  // [DELAY|FREEZE|REJECT wallet_frozen, high_risk_lockdown] a scope is frozen
  return found({
    code: risk === "HIGH" ? "high_risk_lockdown" : "wallet_frozen",
    decision: table.wallet_frozen[risk],
  });
}
