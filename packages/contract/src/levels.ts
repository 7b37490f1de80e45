/** The one scale of risk: scores, tiers, levels, advisories and decisions, and how they translate. */
import { frozen } from "./internal/frozen.js";

/** Scores (0–1) at which a tier begins. Nobody writes these numbers again. */
export const SCALE = Object.freeze({ elevated: 0.25, high: 0.6, critical: 0.9 });

/** Tier of a risk score in an envelope, mildest first. */
export const RISK_TIERS = frozen(["LOW", "MEDIUM", "HIGH", "CRITICAL"]);
export type RiskTier = (typeof RISK_TIERS)[number];

/** Level of Sentinel, ADN and QWG, mildest first. */
export const RISK_LEVELS = frozen(["normal", "elevated", "high", "critical"]);
export type RiskLevel = (typeof RISK_LEVELS)[number];

/** Level of the network picture (DQSN). */
export const ADVISORY_LEVELS = frozen([
  "NORMAL",
  "UNKNOWN",
  "ELEVATED",
  "CRITICAL_LOCAL",
  "CRITICAL_GLOBAL",
]);
export type AdvisoryLevel = (typeof ADVISORY_LEVELS)[number];

/** Risk as Wallet Guardian reads it, mildest first. */
export const GUARDIAN_RISKS = frozen(["LOW", "MEDIUM", "HIGH"]);
export type GuardianRisk = (typeof GUARDIAN_RISKS)[number];

/** Decision of an envelope, mildest first; a consumer must treat ERROR as BLOCK. */
export const ENVELOPE_DECISIONS = frozen(["ALLOW", "WARN", "BLOCK", "ERROR"]);
export type EnvelopeDecision = (typeof ENVELOPE_DECISIONS)[number];

/**
 * Level of a score.
 *
 * @param score 0–1; anything else, NaN included, is critical
 * @example levelOfScore(0.25) // "elevated"
 */
export function levelOfScore(score: number): RiskLevel {
  if (!(score >= 0 && score < SCALE.critical)) return "critical";
  if (score >= SCALE.high) return "high";
  return score >= SCALE.elevated ? "elevated" : "normal";
}

/** Tier of a score; see `levelOfScore`. */
export const tierOfScore = (score: number): RiskTier => TIER_OF_LEVEL[levelOfScore(score)];

/** Tier that goes with a level. */
export const TIER_OF_LEVEL: Readonly<Record<RiskLevel, RiskTier>> = Object.freeze({
  normal: "LOW",
  elevated: "MEDIUM",
  high: "HIGH",
  critical: "CRITICAL",
});

/** Risk level that an advisory stands for: UNKNOWN and CRITICAL_LOCAL are at least elevated. */
export const LEVEL_OF_ADVISORY: Readonly<Record<AdvisoryLevel, RiskLevel>> = Object.freeze({
  NORMAL: "normal",
  UNKNOWN: "elevated",
  ELEVATED: "elevated",
  CRITICAL_LOCAL: "elevated",
  CRITICAL_GLOBAL: "critical",
});

/** Guardian risk that a level stands for. */
export const GUARDIAN_RISK_OF_LEVEL: Readonly<Record<RiskLevel, GuardianRisk>> = Object.freeze({
  normal: "LOW",
  elevated: "MEDIUM",
  high: "HIGH",
  critical: "HIGH",
});

/** Envelope decision that a level stands for. */
export const DECISION_OF_LEVEL: Readonly<Record<RiskLevel, EnvelopeDecision>> = Object.freeze({
  normal: "ALLOW",
  elevated: "WARN",
  high: "BLOCK",
  critical: "BLOCK",
});

/**
 * The worst of some levels.
 *
 * @returns `normal` for none
 * @example worstLevel(["normal", "high", "elevated"]) // "high"
 */
export const worstLevel = (levels: readonly RiskLevel[]): RiskLevel => worst(RISK_LEVELS, levels);

/** The worst of some tiers; `LOW` for none. */
export const worstTier = (tiers: readonly RiskTier[]): RiskTier => worst(RISK_TIERS, tiers);

/** The worst of some decisions, ERROR counting as BLOCK (contract v3, section 5); `ALLOW` for none. */
export const worstDecision = (decisions: readonly EnvelopeDecision[]): EnvelopeDecision => {
  const found = worst(ENVELOPE_DECISIONS, decisions);
  return found === "ERROR" ? "BLOCK" : found;
};

/** Whether level `a` is worse than level `b`. */
export const isWorseLevel = (a: RiskLevel, b: RiskLevel): boolean =>
  RISK_LEVELS.indexOf(a) > RISK_LEVELS.indexOf(b);

function worst<T extends string>(scale: readonly [T, ...T[]], values: readonly T[]): T {
  return values.reduce(
    (found, value) => (scale.indexOf(value) > scale.indexOf(found) ? value : found),
    scale[0],
  );
}
