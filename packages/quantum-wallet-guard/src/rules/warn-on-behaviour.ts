/** Rule 6: unusual behaviour, an untrusted device or a new address (QWG technical document, section 5.3). */
import { ANY_APPROVAL } from "../evaluate/approvals.js";
import { warn } from "../evaluate/decisions.js";
import { plainDecimal } from "../internal/decimal-text.js";
import { always, type Check, type ComparisonRule } from "./check.js";
import type { RuleInput } from "./rule-input.js";

const isUsual = ({ context, limits }: RuleInput): boolean =>
  context.behaviour_score <= limits.maxBehaviour;
const isDeviceRequired = ({ limits }: RuleInput): boolean => limits.policy.require_trusted_device;
const isDeviceTrusted = ({ context }: RuleInput): boolean => context.trusted_device;
const isAgeLimited = ({ limits }: RuleInput): boolean => limits.policy.min_address_age_days > 0;
/** An unknown age is 0 days. */
const isOldEnough = ({ context, limits }: RuleInput): boolean =>
  (context.address_age_days ?? 0) >= limits.policy.min_address_age_days;

const usualBehaviour: ComparisonRule = {
  field: "behaviour_score",
  relation: "<=",
  source: () => "max_behaviour_score",
  isOn: always,
  holds: isUsual,
  value: ({ context }) => plainDecimal(context.behaviour_score),
  limit: ({ limits }) => plainDecimal(limits.policy.max_behaviour_score),
};

const trustedDevice: ComparisonRule = {
  field: "trusted_device",
  relation: "is",
  source: () => "require_trusted_device",
  isOn: isDeviceRequired,
  holds: isDeviceTrusted,
  value: ({ context }) => String(context.trusted_device),
  limit: () => "true",
};

const knownAddress: ComparisonRule = {
  field: "address_age_days",
  relation: ">=",
  source: () => "min_address_age_days",
  isOn: isAgeLimited,
  holds: isOldEnough,
  value: ({ context }) =>
    typeof context.address_age_days === "number" ? String(context.address_age_days) : null,
  limit: ({ limits }) => String(limits.policy.min_address_age_days),
};

/** Warns on unusual behaviour and, where the policy has it, on an untrusted device; one approval passes. */
export const warnOnBehaviour: Check = {
  rule: 6,
  reason_id: "QWG_BEHAVIOUR_OR_DEVICE",
  comparisons: [usualBehaviour, trustedDevice],
  // [WARN QWG_BEHAVIOUR_OR_DEVICE] behaviour score above the maximum, or the device is not trusted
  matches: (input) => !isUsual(input) || (isDeviceRequired(input) && !isDeviceTrusted(input)),
  waivedBy: () => ANY_APPROVAL,
  decide: ({ limits }) =>
    warn(
      {
        reason_id: "QWG_BEHAVIOUR_OR_DEVICE",
        reason: "Behaviour is unusual or the device is not trusted.",
      },
      limits.policy.cooldown_seconds_warn,
    ),
};

/** Warns on a new address, one of unknown age included; one approval passes. */
export const warnOnNewAddress: Check = {
  rule: 6,
  reason_id: "QWG_NEW_ADDRESS",
  comparisons: [knownAddress],
  // [WARN QWG_NEW_ADDRESS] the destination is younger than the minimum, or of unknown age
  matches: (input) => isAgeLimited(input) && !isOldEnough(input),
  waivedBy: () => ANY_APPROVAL,
  decide: ({ limits: { policy } }) =>
    warn(
      {
        reason_id: "QWG_NEW_ADDRESS",
        reason: `The destination has been known for less than ${policy.min_address_age_days} days.`,
      },
      policy.cooldown_seconds_warn,
    ),
};
