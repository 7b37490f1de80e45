/** Rule 4: a large amount needs strong approvals (QWG technical document, section 5.3). */
import { formatAmount } from "@dgb-shield/contract";
import { type ApprovalsNeeded, standingApprovals, STRONG_METHODS } from "../evaluate/approvals.js";
import { requireExtraAuth as demandExtraAuth } from "../evaluate/decisions.js";
import type { Check, Facts } from "./rule-input.js";
import { amountAgainst } from "./amount-against.js";

/**
 * Demands confirmation and a second factor from `threshold_extra_auth` coins up. It passes when
 * `required_approvals` distinct people approved by second factor or as operator.
 */
export const requireExtraAuth: Check = {
  rule: 4,
  reason_id: "QWG_EXTRA_AUTH_THRESHOLD",
  // [REQUIRE_EXTRA_AUTH] a large amount without enough strong approvals
  speaks: ({ amount, limits }) => amount >= limits.extraAuth,
  waiver: strongApprovals,
  decide: ({ context, limits: { policy } }) => {
    const { threshold_extra_auth, required_approvals, approval_valid_seconds } = policy;
    const given = standingApprovals(context, STRONG_METHODS, approval_valid_seconds).length;
    return demandExtraAuth({
      reason_id: "QWG_EXTRA_AUTH_THRESHOLD",
      reason: `From ${threshold_extra_auth} coins up, ${required_approvals} strong approvals are needed; ${given} given.`,
    });
  },
  compare: (facts) => [
    amountAgainst(facts, {
      relation: "<",
      limit: formatAmount(BigInt(facts.limits.extraAuth)),
      source: "threshold_extra_auth",
      holds: facts.amount < facts.limits.extraAuth,
    }),
  ],
};

function strongApprovals({ limits }: Facts): ApprovalsNeeded {
  return { people: limits.policy.required_approvals, methods: STRONG_METHODS };
}
