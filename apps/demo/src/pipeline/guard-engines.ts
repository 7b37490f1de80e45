/** Engines of layer 5: the policy's own, and for payments that need approvers whatever their amount one for each number. */
import { type JsonObject, parseAmount } from "@dgb-shield/contract";
import {
  createDecisionEngine,
  type DecisionEngine,
  parsePolicy,
  type WalletPolicyInput,
} from "@dgb-shield/quantum-wallet-guard";
import { leavingUnits } from "./leaving.js";

/** The smallest amount: a threshold that every payment reaches. */
const SMALLEST = "0.00000001";

/** Engines by the number of approvers. */
export type GuardEngines = Readonly<{
  /**
   * The engine for a request.
   *
   * @param approvers that it needs whatever its amount; undefined: the policy alone decides
   */
  of(withdrawal: JsonObject, approvers: number | undefined): DecisionEngine;
}>;

/**
 * Creates the engines of a policy. One that needs approvers is rule 4 with a threshold of one unit, so that the
 * record names the policy that decided.
 *
 * @throws QwgError `invalid_policy`
 */
export function createGuardEngines(given: WalletPolicyInput): GuardEngines {
  const policy = parsePolicy(given);
  const main = createDecisionEngine({ policy });
  const threshold = parseAmount(policy.threshold_extra_auth);
  const made = new Map<number, DecisionEngine>();
  const engineWith = (people: number): DecisionEngine => {
    const engine =
      made.get(people) ??
      createDecisionEngine({
        policy: { ...policy, threshold_extra_auth: SMALLEST, required_approvals: people },
      });
    made.set(people, engine);
    return engine;
  };
  return Object.freeze({
    of(withdrawal, approvers) {
      if (approvers === undefined) return main;
      const isLarge = (leavingUnits(withdrawal) ?? threshold) >= threshold;
      return engineWith(isLarge ? Math.max(approvers, policy.required_approvals) : approvers);
    },
  } satisfies GuardEngines);
}
