/** Rule 6: unusual behaviour, an untrusted device or a new address (QWG technical document, section 5.3). */
import { ANY_APPROVAL } from "../evaluate/approvals.js";
import { warn } from "../evaluate/decisions.js";
import type { Check, Comparison, Facts } from "./rule-input.js";
import { plainDecimal } from "../internal/decimal-text.js";

/** Warns on unusual behaviour and, if the policy says so, on a device that is not trusted; one approval passes. */
export const warnOnBehaviour: Check = {
  rule: 6,
  reason_id: "QWG_BEHAVIOUR_OR_DEVICE",
  // [WARN] behaviour score above the maximum, or the device is not trusted
  speaks: isUnusual,
  waiver: () => ANY_APPROVAL,
  decide: ({ limits }) =>
    warn(
      {
        reason_id: "QWG_BEHAVIOUR_OR_DEVICE",
        reason: "Behaviour is unusual or the device is not trusted.",
      },
      limits.policy.cooldown_seconds_warn,
    ),
  compare: (facts) => [behaviour(facts), ...device(facts)],
};

/** Warns on a new address, one of unknown age included; one approval passes. */
export const warnOnNewAddress: Check = {
  rule: 6,
  reason_id: "QWG_NEW_ADDRESS",
  // [WARN] the destination is younger than the minimum, or of unknown age
  speaks: isNewAddress,
  waiver: () => ANY_APPROVAL,
  decide: ({ limits: { policy } }) =>
    warn(
      {
        reason_id: "QWG_NEW_ADDRESS",
        reason: `The destination has been known for less than ${policy.min_address_age_days} days.`,
      },
      policy.cooldown_seconds_warn,
    ),
  compare: address,
};

function isUnusual({ context, limits }: Facts): boolean {
  const { require_trusted_device } = limits.policy;
  return (
    context.behaviour_score > limits.maxBehaviour ||
    (require_trusted_device && !context.trusted_device)
  );
}

function isNewAddress({ context, limits }: Facts): boolean {
  return (context.address_age_days ?? 0) < limits.policy.min_address_age_days;
}

/** Whether rule 6 speaks against the transaction, whatever its amount. */
export const isAgainstAnyAmount = (facts: Facts): boolean =>
  isUnusual(facts) || isNewAddress(facts);

function behaviour({ context, limits }: Facts): Comparison {
  return {
    field: "behaviour_score",
    value: plainDecimal(context.behaviour_score),
    relation: "<=",
    limit: plainDecimal(limits.policy.max_behaviour_score),
    source: "max_behaviour_score",
    holds: context.behaviour_score <= limits.maxBehaviour,
  };
}

function device({ context, limits }: Facts): Comparison[] {
  if (!limits.policy.require_trusted_device) return [];
  return [
    {
      field: "trusted_device",
      value: String(context.trusted_device),
      relation: "is",
      limit: "true",
      source: "require_trusted_device",
      holds: context.trusted_device,
    },
  ];
}

function address({ context, limits }: Facts): Comparison[] {
  const { min_address_age_days: minimum } = limits.policy;
  if (minimum === 0) return [];
  const age = context.address_age_days ?? null;
  return [
    {
      field: "address_age_days",
      value: age === null ? null : String(age),
      relation: ">=",
      limit: String(minimum),
      source: "min_address_age_days",
      holds: age !== null && age >= minimum,
    },
  ];
}
