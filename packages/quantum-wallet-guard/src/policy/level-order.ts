/** The order of levels as numbers, so that the worst of several is their maximum (design, section 2). */
import {
  type AdvisoryLevel,
  LEVEL_OF_ADVISORY,
  RISK_LEVELS,
  type RiskLevel,
} from "@dgb-shield/contract";

/** Place of a level on the scale, 0 for normal to 3 for critical. */
export const RANK: Readonly<Record<RiskLevel, number>> = Object.freeze({
  normal: 0,
  elevated: 1,
  high: 2,
  critical: 3,
});

/** The rank from which the high ratio limit holds. */
export const HIGH = RANK.high;

/** Network scores from which the network's level is elevated, high and critical. */
export type NetworkScores = Readonly<{ elevated: number; high: number; critical: number }>;

/** The evidence that a level is made of. */
type Evidence = Readonly<{
  sentinel_level: RiskLevel;
  adn_level: RiskLevel;
  dqs_network_score: number;
  dqs_advisory: AdvisoryLevel | undefined;
}>;

/** The level at a place of the scale; critical where there is none. */
export const levelOfRank = (rank: number): RiskLevel => RISK_LEVELS[rank] ?? "critical";

/** Place of an advisory on the scale; absent, it adds nothing. */
export const rankOfAdvisory = (advisory: AdvisoryLevel | undefined): number =>
  advisory === undefined ? RANK.normal : RANK[LEVEL_OF_ADVISORY[advisory]];

/** Place of the worst of Sentinel, ADN, network score and advisory. */
export function worstRank(evidence: Evidence, from: NetworkScores): number {
  const byLayer = Math.max(RANK[evidence.sentinel_level], RANK[evidence.adn_level]);
  const byScore = rankOfScore(evidence.dqs_network_score, from);
  return Math.max(byLayer, rankOfAdvisory(evidence.dqs_advisory), byScore);
}

/** The score from which the network's level is above a place of the scale; infinite where none is. */
export function scoreAbove(rank: number, from: NetworkScores): number {
  const level = RISK_LEVELS[rank + 1];
  return level === undefined || level === "normal" ? Infinity : from[level];
}

function rankOfScore(score: number, from: NetworkScores): number {
  if (!(score < from.critical)) return RANK.critical;
  if (score >= from.high) return RANK.high;
  return score >= from.elevated ? RANK.elevated : RANK.normal;
}
