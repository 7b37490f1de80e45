/** The one scale of risk: scores, tiers, levels, advisories and decisions, and how they translate. */
import { frozen } from "./internal/frozen.js";
import { bare } from "./internal/own.js";

/** Scores (0–1) at which a tier begins; the only place of these numbers. */
export const SCALE = Object.freeze({ elevated: 0.25, high: 0.6, critical: 0.9 });

/** Tier of a risk score in an envelope, mildest first. */
export const RISK_TIERS = frozen(["LOW", "MEDIUM", "HIGH", "CRITICAL"]);
/** One of `RISK_TIERS`. */
export type RiskTier = (typeof RISK_TIERS)[number];

/** Level of Sentinel, ADN and QWG, mildest first. */
export const RISK_LEVELS = frozen(["normal", "elevated", "high", "critical"]);
/** One of `RISK_LEVELS`. */
export type RiskLevel = (typeof RISK_LEVELS)[number];

/** Level of the network view (DQSN). */
export const ADVISORY_LEVELS = frozen([
  "NORMAL",
  "UNKNOWN",
  "ELEVATED",
  "CRITICAL_LOCAL",
  "CRITICAL_GLOBAL",
]);
/** One of `ADVISORY_LEVELS`. */
export type AdvisoryLevel = (typeof ADVISORY_LEVELS)[number];

/** Risk as Wallet Guardian reads it, mildest first. */
export const GUARDIAN_RISKS = frozen(["LOW", "MEDIUM", "HIGH"]);
/** One of `GUARDIAN_RISKS`. */
export type GuardianRisk = (typeof GUARDIAN_RISKS)[number];

/** Decision of an envelope, mildest first; a consumer must treat ERROR as BLOCK. */
export const ENVELOPE_DECISIONS = frozen(["ALLOW", "WARN", "BLOCK", "ERROR"]);
/** One of `ENVELOPE_DECISIONS`. */
export type EnvelopeDecision = (typeof ENVELOPE_DECISIONS)[number];

/**
 * Level of a score.
 *
 * @param score 0–1; anything else, NaN included, is critical
 * @example levelOfScore(0.25) // "elevated"
 */
export function levelOfScore(score: number): RiskLevel {
  // Text and null compare as numbers do.
  if (typeof (score as unknown) !== "number") return "critical";
  if (!(score >= 0 && score < SCALE.critical)) return "critical";
  if (score >= SCALE.high) return "high";
  return score >= SCALE.elevated ? "elevated" : "normal";
}

/** Tier of a score; see `levelOfScore`. */
export const tierOfScore = (score: number): RiskTier => TIER_OF_LEVEL[levelOfScore(score)];

/** A frozen table without a prototype: what is no key of it has no value in it. */
const table = <K extends string, V>(entries: Readonly<Record<K, V>>): Readonly<Record<K, V>> =>
  Object.freeze(Object.assign(bare(), entries) as Readonly<Record<K, V>>);

/** Tier that goes with a level; undefined for what is no level. */
export const TIER_OF_LEVEL: Readonly<Record<RiskLevel, RiskTier>> = table({
  normal: "LOW",
  elevated: "MEDIUM",
  high: "HIGH",
  critical: "CRITICAL",
});

/** Risk level that an advisory stands for: UNKNOWN and CRITICAL_LOCAL are at least elevated. */
export const LEVEL_OF_ADVISORY: Readonly<Record<AdvisoryLevel, RiskLevel>> = table({
  NORMAL: "normal",
  UNKNOWN: "elevated",
  ELEVATED: "elevated",
  CRITICAL_LOCAL: "elevated",
  CRITICAL_GLOBAL: "critical",
});

/** Guardian risk that a level stands for. */
export const GUARDIAN_RISK_OF_LEVEL: Readonly<Record<RiskLevel, GuardianRisk>> = table({
  normal: "LOW",
  elevated: "MEDIUM",
  high: "HIGH",
  critical: "HIGH",
});

/** Envelope decision that a level stands for. */
export const DECISION_OF_LEVEL: Readonly<Record<RiskLevel, EnvelopeDecision>> = table({
  normal: "ALLOW",
  elevated: "WARN",
  high: "BLOCK",
  critical: "BLOCK",
});

/** The places of words on a scale; a search in a frozen array would be slow. */
const ranksOf = (scale: readonly string[]): ReadonlyMap<unknown, number> =>
  new Map(scale.map((word, rank) => [word, rank]));

const LEVELS = Object.freeze({ words: RISK_LEVELS, ranks: ranksOf(RISK_LEVELS) });
const TIERS = Object.freeze({ words: RISK_TIERS, ranks: ranksOf(RISK_TIERS) });
const DECISIONS = Object.freeze({ words: ENVELOPE_DECISIONS, ranks: ranksOf(ENVELOPE_DECISIONS) });

type Scale<T extends string> = Readonly<{
  words: readonly T[];
  ranks: ReadonlyMap<unknown, number>;
}>;

/**
 * The worst of some levels. What is no level counts as the worst one.
 *
 * @param levels an array; anything else is no evidence of a level, and critical
 * @param ofNone the answer for no levels; `critical` by default: the absence of
 * evidence is not evidence of calm
 * @example worstLevel(["normal", "high", "elevated"]) // "high"
 */
export const worstLevel = (
  levels: readonly RiskLevel[],
  ofNone: RiskLevel = "critical",
): RiskLevel => worst(LEVELS, levels, ofNone);

/** The worst of some tiers; what is no tier is `CRITICAL`, and so is none, unless `ofNone` is given. */
export const worstTier = (tiers: readonly RiskTier[], ofNone: RiskTier = "CRITICAL"): RiskTier =>
  worst(TIERS, tiers, ofNone);

/**
 * The worst of some decisions, ERROR counting as BLOCK (contract v3, section 5). What is no decision is
 * `BLOCK`, and so is none, unless `ofNone` is given.
 *
 * @example worstDecision(["ALLOW", "WARN"]) // "WARN"
 */
export const worstDecision = (
  decisions: readonly EnvelopeDecision[],
  ofNone: EnvelopeDecision = "BLOCK",
): Exclude<EnvelopeDecision, "ERROR"> => {
  const found = worst(DECISIONS, decisions, ofNone);
  return found === "ERROR" ? "BLOCK" : found;
};

/** Whether level `a` is worse than level `b`; what is no level counts as critical. */
export const isWorseLevel = (a: RiskLevel, b: RiskLevel): boolean =>
  rankOf(LEVELS, a) > rankOf(LEVELS, b);

function worst<T extends string>(scale: Scale<T>, values: readonly T[], ofNone: T): T {
  const { words } = scale;
  if (!Array.isArray(values)) return words[words.length - 1] as T;
  let rank = values.length === 0 ? rankOf(scale, ofNone) : 0;
  // By index: a hole is an unknown value.
  for (let i = 0; i < values.length; i++) rank = Math.max(rank, rankOf(scale, values[i]));
  return words[rank] as T;
}

/** The index of a value on a scale; of any other value, the last index. */
const rankOf = ({ words, ranks }: Scale<string>, value: unknown): number =>
  ranks.get(value) ?? words.length - 1;
