/** What the rules look at, and what a rule is made of (design, section 8). */
import { LEVEL_OF_ADVISORY, RISK_LEVELS, type RiskLevel } from "@dgb-shield/contract";
import { type ApprovalsNeeded, standingApprovals } from "../evaluate/approvals.js";
import type { ReasonId } from "../codes.js";
import type { CompiledPolicy } from "../policy/compile.js";
import type { DecisionResult } from "../evaluate/decisions.js";
import type { Fields, KnownContext } from "../evaluate/validated-context.js";
import type { Units } from "../fast/units.js";
import { RANK } from "../policy/level-order.js";
import type { RiskContext } from "../evaluate/risk-context.js";

/** The facts of one transaction under one policy. */
export type Facts = Readonly<{
  context: Fields;
  limits: CompiledPolicy;
  /** Base units. */
  amount: Units;
  /** Base units. */
  balance: Units;
  /** Rank of the worst of Sentinel, ADN and network. */
  rank: number;
}>;

/** One comparison: what the context says, and what would let it pass. */
export type Comparison = Readonly<{
  /** Field of the context. */
  field: keyof RiskContext;
  /** What it holds, amounts and numbers as exact decimals; null where it is unknown. */
  value: string | null;
  relation: "<" | "<=" | ">=" | "is" | "is not";
  limit: string;
  /** Where the limit comes from: a field of the policy, or an expression over fields. */
  source: string;
  /** Whether `value relation limit` is true. */
  holds: boolean;
}>;

/** One check of a rule. It speaks against the transaction exactly when one of its comparisons does not hold. */
export type Check = Readonly<{
  rule: 1 | 2 | 3 | 4 | 5 | 6;
  reason_id: ReasonId;
  speaks(facts: Facts): boolean;
  /** Approvals that waive it; null: nothing does. */
  waiver: ((facts: Facts) => ApprovalsNeeded) | null;
  decide(facts: Facts): DecisionResult;
  /** None where the policy, or the level, turns the check off. */
  compare(facts: Facts): readonly Comparison[];
}>;

/** Reads the facts of a valid context. */
export const factsOf = (known: KnownContext, limits: CompiledPolicy): Facts => ({
  context: known.fields,
  limits,
  amount: known.amount,
  balance: known.balance,
  rank: worstRank(known.fields, limits),
});

/** The worst level of Sentinel, ADN and network. */
export const levelOf = ({ rank }: Facts): RiskLevel => RISK_LEVELS[rank] ?? "critical";

/** Whether the approvals that a check asks for are there. */
export function isWaived(check: Check, facts: Facts): boolean {
  if (check.waiver === null || facts.context.approvals === undefined) return false;
  const { people, methods } = check.waiver(facts);
  const { approval_valid_seconds } = facts.limits.policy;
  return standingApprovals(facts.context, methods, approval_valid_seconds).length >= people;
}

function worstRank(context: Fields, { networkScores }: CompiledPolicy): number {
  const { dqs_network_score: score, dqs_advisory: advisory } = context;
  const byAdvisory = advisory === undefined ? 0 : RANK[LEVEL_OF_ADVISORY[advisory]];
  const byLayer = Math.max(RANK[context.sentinel_level], RANK[context.adn_level]);
  return Math.max(byLayer, byAdvisory, rankOfScore(score, networkScores));
}

function rankOfScore(score: number, from: CompiledPolicy["networkScores"]): number {
  if (!(score < from.critical)) return RANK.critical;
  if (score >= from.high) return RANK.high;
  return score >= from.elevated ? RANK.elevated : RANK.normal;
}
