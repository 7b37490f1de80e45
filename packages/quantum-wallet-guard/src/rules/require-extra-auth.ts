/** Rule 4: a large amount needs strong approvals (QWG technical document, section 5.3). */
import { countApprovers, STRONG_METHODS } from "../approvals.js";
import { requireExtraAuth as demandExtraAuth } from "../decisions.js";
import type { Rule } from "../facts.js";

/**
 * Demands confirmation and a second factor from `threshold_extra_auth` coins up. It passes when
 * `required_approvals` distinct people approved by second factor or as operator.
 */
export const requireExtraAuth: Rule = ({ context, amount, limits }) => {
  if (amount < limits.extraAuthUnits) return undefined;
  const { required_approvals, threshold_extra_auth } = limits.policy;
  const approvers = countApprovers(context, STRONG_METHODS);
  if (approvers >= required_approvals) return undefined;
  // [REQUIRE_EXTRA_AUTH] a large amount without enough strong approvals
  return demandExtraAuth({
    reason_id: "QWG_EXTRA_AUTH_THRESHOLD",
    reason: `From ${threshold_extra_auth} coins up, ${required_approvals} strong approvals are needed; ${approvers} given.`,
  });
};
