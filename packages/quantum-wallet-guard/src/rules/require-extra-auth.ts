/** Rule 4: a large amount needs strong approvals (QWG technical document, section 5.3). */
import { type ApprovalsNeeded, standingApprovals, STRONG_METHODS } from "../evaluate/approvals.js";
import { requireExtraAuth as decideExtraAuth } from "../evaluate/decisions.js";
import { amountAgainst, unitsText } from "./amount-against.js";
import { always, type Check } from "./check.js";
import type { RuleInput } from "./rule-input.js";

const isBelowThreshold = ({ amount, limits }: RuleInput): boolean => amount < limits.extraAuth;

/**
 * Requires confirmation and a second factor from `threshold_extra_auth` coins up. It passes when
 * `required_approvals` distinct people approved by second factor or as operator.
 */
export const requireExtraAuth: Check = {
  rule: 4,
  reason_id: "QWG_EXTRA_AUTH_THRESHOLD",
  comparisons: [
    amountAgainst({
      relation: "<",
      source: "threshold_extra_auth",
      isOn: always,
      holds: isBelowThreshold,
      limit: ({ limits }) => unitsText(limits.extraAuth),
    }),
  ],
  // [REQUIRE_EXTRA_AUTH QWG_EXTRA_AUTH_THRESHOLD] a large amount without enough strong approvals
  matches: (input) => !isBelowThreshold(input),
  waivedBy: strongApprovals,
  decide: ({ context, limits: { policy } }) => {
    const { threshold_extra_auth, required_approvals, approval_valid_seconds } = policy;
    const given = standingApprovals(context, STRONG_METHODS, approval_valid_seconds).length;
    return decideExtraAuth({
      reason_id: "QWG_EXTRA_AUTH_THRESHOLD",
      reason: `From ${threshold_extra_auth} coins up, ${required_approvals} strong approvals are needed; ${given} given.`,
    });
  },
};

function strongApprovals({ limits }: RuleInput): ApprovalsNeeded {
  return { people: limits.policy.required_approvals, methods: STRONG_METHODS };
}
