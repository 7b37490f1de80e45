/** Rule: no single withdrawal above the largest one (Wallet Guardian v2, sections 3.2 and 4.3). */
import type { GuardianDecisionName } from "@dgb-shield/contract";
import { breachOf, type RuleResult, NO_FINDING } from "./finding.js";
import { ownValue } from "../internal/own.js";
import type { Scope } from "../scopes.js";

/**
 * Compares an amount with the largest single withdrawal of a scope; the limit itself passes.
 *
 * @param amount base units
 * @param limit base units; null: no such limit
 * @param row `decision`: the table's decision for `per_tx_limit` at this risk; `id`: where the policy has the limit
 */
export function evaluateAmountLimits(
  amount: bigint,
  limit: bigint | null,
  row: Readonly<{ scope: Scope; decision: GuardianDecisionName; id?: string }>,
): RuleResult {
  if (limit === null) return NO_FINDING;
  const scope = ownValue(row, "scope") as Scope;
  const decision = ownValue(row, "decision") as GuardianDecisionName;
  const headroom = decision === "ALLOW" ? null : limit;
  if (amount <= limit) return { findings: [], headroom };
  // [DELAY|FREEZE|REJECT per_tx_limit] the amount is above the largest single withdrawal
  const freezes = decision === "FREEZE" ? { freezes: { scope, kind: "limit" } as const } : {};
  const breach = breachOf(scope, ownValue(row, "id"));
  return { findings: [{ code: "per_tx_limit", decision, ...breach, ...freezes }], headroom };
}
