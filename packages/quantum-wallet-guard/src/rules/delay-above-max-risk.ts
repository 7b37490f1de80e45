/** Rule 2: risk above what the policy allows, or a delay by Wallet Guardian (QWG technical document, section 5.3). */
import { isWorseLevel } from "@dgb-shield/contract";
import { delay } from "../decisions.js";
import type { Rule } from "../facts.js";

/** Delays while the worst of Sentinel, ADN and network level is above the policy's. Never waived. */
export const delayAboveMaxRisk: Rule = ({ context, level, limits: { policy } }) => {
  // [DELAY] the worst level is above max_allowed_risk
  if (isWorseLevel(level, policy.max_allowed_risk)) {
    return delay(
      {
        reason_id: "QWG_POLICY_MAX_RISK_EXCEEDED",
        reason: `Risk is ${level}; the policy allows up to ${policy.max_allowed_risk}.`,
      },
      policy.cooldown_seconds_delay,
    );
  }
  // [DELAY] Guardian delays the withdrawal
  if (context.guardian_decision === "DELAY") {
    return delay(
      { reason_id: "QWG_GUARDIAN_DELAY", reason: "Wallet Guardian answered DELAY." },
      policy.cooldown_seconds_delay,
    );
  }
  return undefined;
};
