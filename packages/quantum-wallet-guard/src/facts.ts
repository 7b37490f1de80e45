/** What the rules look at: the context with its amounts and levels read once. */
import { LEVEL_OF_ADVISORY, parseAmount, type RiskLevel, worstLevel } from "@dgb-shield/contract";
import type { DecisionResult } from "./decisions.js";
import type { CompiledPolicy } from "./policy.js";
import type { RiskContext } from "./risk-context.js";

/** The facts of one transaction under one policy. */
export type Facts = Readonly<{
  context: RiskContext;
  limits: CompiledPolicy;
  /** Base units. */
  amount: bigint;
  /** Base units. */
  balance: bigint;
  /** Worst of Sentinel, ADN and network. */
  level: RiskLevel;
}>;

/** A rule: a decision where it speaks, undefined where it passes. */
export type Rule = (facts: Facts) => DecisionResult | undefined;

/** Reads the facts of a valid context. */
export function factsOf(context: RiskContext, limits: CompiledPolicy): Facts {
  return {
    context,
    limits,
    amount: parseAmount(context.tx_amount),
    balance: parseAmount(context.wallet_balance),
    level: worstLevel([context.sentinel_level, context.adn_level, networkLevel(context, limits)]),
  };
}

function networkLevel(context: RiskContext, { networkScores }: CompiledPolicy): RiskLevel {
  const { dqs_network_score: score, dqs_advisory: advisory } = context;
  const byAdvisory = advisory === undefined ? "normal" : LEVEL_OF_ADVISORY[advisory];
  return worstLevel([levelOfNetworkScore(score, networkScores), byAdvisory]);
}

function levelOfNetworkScore(score: number, from: CompiledPolicy["networkScores"]): RiskLevel {
  if (!(score < from.critical)) return "critical";
  if (score >= from.high) return "high";
  return score >= from.elevated ? "elevated" : "normal";
}
