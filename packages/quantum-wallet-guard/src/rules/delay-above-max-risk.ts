/** Rule 2: risk above what the policy allows, or a delay by Wallet Guardian (QWG technical document, section 5.3). */
import { delay } from "../evaluate/decisions.js";
import { plainDecimal } from "../internal/decimal-text.js";
import { levelOfRank, RANK, rankOfAdvisory } from "../policy/level-order.js";
import { guardianIsNot } from "./block-critical-risk.js";
import { always, type Check, type ComparisonRule } from "./check.js";
import { levelOf, type RuleInput } from "./rule-input.js";

const isSentinelAllowed = ({ context, limits }: RuleInput): boolean =>
  RANK[context.sentinel_level] <= limits.maxRank;
const isAdnAllowed = ({ context, limits }: RuleInput): boolean =>
  RANK[context.adn_level] <= limits.maxRank;
const isScoreAllowed = ({ context, limits }: RuleInput): boolean =>
  context.dqs_network_score < limits.scoreAboveMax;
const isAdvisoryAllowed = ({ context, limits }: RuleInput): boolean =>
  rankOfAdvisory(context.dqs_advisory) <= limits.maxRank;
const isNotDelayed = ({ context }: RuleInput): boolean => context.guardian_decision !== "DELAY";

/** The network's score is below the first level that the policy does not allow; off where it allows all. */
const scoreBelowMax: ComparisonRule = {
  field: "dqs_network_score",
  relation: "<",
  source: scoreField,
  isOn: ({ limits }) => limits.scoreAboveMax < Infinity,
  holds: isScoreAllowed,
  value: ({ context }) => plainDecimal(context.dqs_network_score),
  limit: (input) => plainDecimal(input.limits.policy[scoreField(input)]),
};

/** The network's advisory is one that the policy allows; off without one. */
const advisoryAtMostMax: ComparisonRule = {
  field: "dqs_advisory",
  relation: "<=",
  source: () => "max_allowed_risk",
  isOn: ({ context }) => context.dqs_advisory !== undefined,
  holds: isAdvisoryAllowed,
  value: ({ context }) => context.dqs_advisory ?? null,
  limit: ({ limits }) => limits.policy.max_allowed_risk,
};

/** Delays while the worst of Sentinel, ADN and network level is above the policy's. Never waived. */
export const delayAboveMaxRisk: Check = {
  rule: 2,
  reason_id: "QWG_POLICY_MAX_RISK_EXCEEDED",
  comparisons: [
    atMostMax("sentinel_level", isSentinelAllowed),
    atMostMax("adn_level", isAdnAllowed),
    scoreBelowMax,
    advisoryAtMostMax,
  ],
  // [DELAY QWG_POLICY_MAX_RISK_EXCEEDED] Sentinel, ADN, network score or advisory is above max_allowed_risk
  matches: (input) =>
    !isSentinelAllowed(input) ||
    !isAdnAllowed(input) ||
    !isScoreAllowed(input) ||
    !isAdvisoryAllowed(input),
  waivedBy: null,
  decide: (input) => {
    const { max_allowed_risk, cooldown_seconds_delay } = input.limits.policy;
    return delay(
      {
        reason_id: "QWG_POLICY_MAX_RISK_EXCEEDED",
        reason: `Risk is ${levelOf(input)}; the policy allows up to ${max_allowed_risk}.`,
      },
      cooldown_seconds_delay,
    );
  },
};

/** Delays what Guardian delays. Never waived. */
export const delayByGuardian: Check = {
  rule: 2,
  reason_id: "QWG_GUARDIAN_DELAY",
  comparisons: [guardianIsNot("DELAY", { source: "rule 2", holds: isNotDelayed })],
  // [DELAY QWG_GUARDIAN_DELAY] Guardian delays the withdrawal
  matches: (input) => !isNotDelayed(input),
  waivedBy: null,
  decide: ({ limits }) =>
    delay(
      { reason_id: "QWG_GUARDIAN_DELAY", reason: "Wallet Guardian answered DELAY." },
      limits.policy.cooldown_seconds_delay,
    ),
};

function atMostMax(
  field: "sentinel_level" | "adn_level",
  holds: ComparisonRule["holds"],
): ComparisonRule {
  return {
    field,
    relation: "<=",
    source: () => "max_allowed_risk",
    isOn: always,
    holds,
    value: ({ context }) => context[field],
    limit: ({ limits }) => limits.policy.max_allowed_risk,
  };
}

/** The policy's field with the score at which the first level begins that it does not allow. */
function scoreField({ limits }: RuleInput) {
  const level = levelOfRank(limits.maxRank + 1);
  return level === "normal" ? "network_score_elevated" : (`network_score_${level}` as const);
}
