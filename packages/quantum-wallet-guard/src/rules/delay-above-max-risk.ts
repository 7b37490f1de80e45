/** Rule 2: risk above what the policy allows, or a delay by Wallet Guardian (QWG technical document, section 5.3). */
import { LEVEL_OF_ADVISORY, RISK_LEVELS } from "@dgb-shield/contract";
import { delay } from "../evaluate/decisions.js";
import { type Check, type Comparison, type Facts, levelOf } from "./rule-input.js";
import { plainDecimal } from "../internal/decimal-text.js";
import { RANK } from "../policy/level-order.js";

/** Delays while the worst of Sentinel, ADN and network level is above the policy's. Never waived. */
export const delayAboveMaxRisk: Check = {
  rule: 2,
  reason_id: "QWG_POLICY_MAX_RISK_EXCEEDED",
  // [DELAY] the worst level is above max_allowed_risk
  speaks: ({ rank, limits }) => rank > limits.maxRank,
  waiver: null,
  decide: (facts) => {
    const { max_allowed_risk, cooldown_seconds_delay } = facts.limits.policy;
    return delay(
      {
        reason_id: "QWG_POLICY_MAX_RISK_EXCEEDED",
        reason: `Risk is ${levelOf(facts)}; the policy allows up to ${max_allowed_risk}.`,
      },
      cooldown_seconds_delay,
    );
  },
  compare: (facts) => [
    atMostMaxRisk(facts, "sentinel_level"),
    atMostMaxRisk(facts, "adn_level"),
    ...belowScoreAbove(facts),
    ...advisoryAtMost(facts),
  ],
};

/** Delays what Guardian delays. Never waived. */
export const delayByGuardian: Check = {
  rule: 2,
  reason_id: "QWG_GUARDIAN_DELAY",
  // [DELAY] Guardian delays the withdrawal
  speaks: ({ context }) => context.guardian_decision === "DELAY",
  waiver: null,
  decide: ({ limits }) =>
    delay(
      { reason_id: "QWG_GUARDIAN_DELAY", reason: "Wallet Guardian answered DELAY." },
      limits.policy.cooldown_seconds_delay,
    ),
  compare: ({ context: { guardian_decision: answer = null } }) => [
    {
      field: "guardian_decision",
      value: answer,
      relation: "is not",
      limit: "DELAY",
      source: "rule 2",
      holds: answer !== "DELAY",
    },
  ],
};

function atMostMaxRisk(facts: Facts, field: "sentinel_level" | "adn_level"): Comparison {
  const { maxRank, policy } = facts.limits;
  const value = facts.context[field];
  const limit = policy.max_allowed_risk;
  const holds = RANK[value] <= maxRank;
  return { field, value, relation: "<=", limit, source: "max_allowed_risk", holds };
}

/** The score at which the first level begins that the policy does not allow; none where it allows all. */
function belowScoreAbove({ context, limits }: Facts): Comparison[] {
  const level = RISK_LEVELS[limits.maxRank + 1];
  if (level === undefined || level === "normal") return [];
  const source = `network_score_${level}` as const;
  return [
    {
      field: "dqs_network_score",
      value: plainDecimal(context.dqs_network_score),
      relation: "<",
      limit: plainDecimal(limits.policy[source]),
      source,
      holds: context.dqs_network_score < limits.networkScores[level],
    },
  ];
}

function advisoryAtMost({ context: { dqs_advisory }, limits }: Facts): Comparison[] {
  if (dqs_advisory === undefined) return [];
  return [
    {
      field: "dqs_advisory",
      value: dqs_advisory,
      relation: "<=",
      limit: limits.policy.max_allowed_risk,
      source: "max_allowed_risk",
      holds: RANK[LEVEL_OF_ADVISORY[dqs_advisory]] <= limits.maxRank,
    },
  ];
}
