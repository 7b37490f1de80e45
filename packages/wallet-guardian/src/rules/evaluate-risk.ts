/** Rule: the risk level alone, whatever the limits (Wallet Guardian v2, section 3.2, emergency freeze). */
import type { GuardianRisk } from "@dgb-shield/contract";
import { combine, type Finding, found, type RuleResult, NO_FINDING } from "./finding.js";
import type { Scope } from "../scopes.js";
import type { DecisionTable } from "../policy/decision-table.js";

/**
 * Freezes the wallet at HIGH where the policy has `high_risk_freeze`, and applies the table's row `within_limits`.
 *
 * @param wallet the scope to freeze
 * @returns `high_risk_freeze` and, where the row does not allow, `elevated_risk`
 */
export function evaluateRisk(
  risk: GuardianRisk,
  wallet: Scope,
  policy: Readonly<{ high_risk_freeze: boolean; table: DecisionTable }>,
): RuleResult {
  const decision = policy.table.within_limits[risk];
  const isFreezing = risk === "HIGH" && policy.high_risk_freeze;
  if (decision === "ALLOW" && !isFreezing) return NO_FINDING;
  const freezes = { scope: wallet, kind: "risk" } as const;
  const row: Finding = {
    code: "elevated_risk",
    decision,
    ...(decision === "FREEZE" ? { freezes } : {}),
  };
  return combine([
    // [FREEZE high_risk_freeze] risk is HIGH, and the policy freezes then
    isFreezing ? found({ code: "high_risk_freeze", decision: "FREEZE", freezes }) : NO_FINDING,
    // [DELAY|FREEZE|REJECT elevated_risk] the table allows nothing at this risk
    decision === "ALLOW" ? NO_FINDING : found(row),
  ]);
}
