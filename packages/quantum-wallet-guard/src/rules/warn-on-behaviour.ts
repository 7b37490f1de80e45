/** Rule 6: unusual behaviour, an untrusted device or a new address (QWG technical document, section 5.3). */
import { APPROVAL_METHODS, countApprovers } from "../approvals.js";
import { warn } from "../decisions.js";
import type { Facts, Rule } from "../facts.js";

/** Warns on behaviour, device and address; one approval passes. An unknown age is a new address. */
export const warnOnBehaviour: Rule = (facts) => {
  const anomaly = anomalyOf(facts);
  if (anomaly === undefined) return undefined;
  if (countApprovers(facts.context, APPROVAL_METHODS) >= 1) return undefined;
  return warn(anomaly, { cooldown_seconds: facts.limits.policy.cooldown_seconds_warn });
};

function anomalyOf({ context, limits: { policy, maxBehaviourScore } }: Facts) {
  // [WARN] behaviour score above the maximum, or the device is not trusted
  if (
    context.behaviour_score > maxBehaviourScore ||
    (policy.require_trusted_device && !context.trusted_device)
  ) {
    return {
      reason_id: "QWG_BEHAVIOUR_OR_DEVICE",
      reason: "Behaviour is unusual or the device is not trusted.",
    } as const;
  }
  // [WARN] the destination is younger than the minimum, or of unknown age
  if ((context.address_age_days ?? 0) < policy.min_address_age_days) {
    return {
      reason_id: "QWG_NEW_ADDRESS",
      reason: `The destination has been known for less than ${policy.min_address_age_days} days.`,
    } as const;
  }
  return undefined;
}
