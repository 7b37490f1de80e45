/** Rule: a minimum time between two ALLOWs (Wallet Guardian v2, sections 3.2 and 4.3). */
import type { GuardianDecisionName } from "@dgb-shield/contract";
import { breachOf, found, type RuleResult, NO_FINDING } from "./finding.js";
import type { Scope } from "../scopes.js";

/** A cooldown as it stands. */
export type CooldownState = Readonly<{
  now_ms: number;
  /** The last ALLOW of another payment; null: there was none. */
  last_allow_ms: number | null;
  cooldown_ms: number;
  /** The table's decision for `cooldown_breach` at this risk. */
  decision: GuardianDecisionName;
  /** Whose cooldown it is, and where the policy has it. */
  limit?: Readonly<{ scope: Scope; id: string }>;
}>;

/**
 * Breached while now − last ALLOW < cooldown; a cooldown of 0 is none.
 *
 * @returns `cooldown_breach` until the cooldown ends
 */
export function evaluateCooldown(state: CooldownState): RuleResult {
  const { now_ms, last_allow_ms, cooldown_ms, decision, limit } = state;
  // [DELAY|FREEZE|REJECT cooldown_breach] the last ALLOW is too recent
  if (cooldown_ms > 0 && last_allow_ms !== null && now_ms - last_allow_ms < cooldown_ms) {
    return found({
      code: "cooldown_breach",
      decision,
      ...(limit === undefined ? {} : breachOf(limit.scope, limit.id)),
      retry_at_ms: last_allow_ms + cooldown_ms,
    });
  }
  return NO_FINDING;
}
