/** The advisory level of the network: what a score and its corroboration mean (design section 4.2: level). */
import { type AdvisoryLevel, SCALE } from "@dgb-shield/contract";
import { ownOf } from "../internal/own.js";

/** The inputs of a level. */
export type AdvisoryInput = Readonly<{
  /** Network score, 0–1. */
  score: number;
  /** Distinct operators at or above 0.60; a score alone cannot show corroboration. */
  critical_reporters: number;
  /** Distinct live operators; the default quorum is a tenth of them, and at least 2. */
  live_reporters?: number;
  /** Whether an expected node is silent; absent, whether no operator is known to be live. */
  silent?: boolean;
}>;

/** The lower bounds of the levels. */
export type AdvisoryThresholds = Readonly<{
  /** Score at which ELEVATED begins (0.25). */
  elevated?: number;
  /** Score that only a critical operator can explain (0.60). */
  high?: number;
  /** Critical operators needed for CRITICAL_GLOBAL. */
  global_quorum?: number;
}>;

const MIN_QUORUM = 2;
const LIVE_PER_QUORUM = 10;

/** CRITICAL_LOCAL ends just below the score of CRITICAL_GLOBAL. */
const LOCAL_CAP = 0.59;

/**
 * Determines the level of the network.
 *
 * - CRITICAL_GLOBAL: a quorum of critical operators
 * - CRITICAL_LOCAL: a critical operator without a quorum, or a score that nothing else explains
 * - ELEVATED: a score from 0.25
 * - UNKNOWN: silence, in place of NORMAL only; without a known live operator there is silence
 *
 * Malformed values count as the worst: a score or a number of critical operators as CRITICAL_LOCAL at least,
 * a threshold as 0, a quorum as 1, a number of live operators as 0.
 *
 * @param input see `AdvisoryInput`
 * @param thresholds see `AdvisoryThresholds`
 * @returns the level; never throws
 * @example toLevel({ score: 0.8, critical_reporters: 3 }) // "CRITICAL_GLOBAL"
 */
export function toLevel(input: AdvisoryInput, thresholds: AdvisoryThresholds = {}): AdvisoryLevel {
  const score = numberOf(ownOf(input, "score"));
  const critical = numberOf(ownOf(input, "critical_reporters"));
  const live = ownOf(input, "live_reporters");
  const elevated = thresholdOf(ownOf(thresholds, "elevated"), SCALE.elevated);
  const high = thresholdOf(ownOf(thresholds, "high"), SCALE.high);
  if (critical >= quorumOf(live ?? 0, ownOf(thresholds, "global_quorum"))) return "CRITICAL_GLOBAL";
  if (critical !== 0 || !(score >= 0 && score < high)) return "CRITICAL_LOCAL";
  const silent = ownOf(input, "silent");
  // The score of a silent network is raised to this threshold, which must not make it ELEVATED.
  if (isSilent(silent, live) && score <= elevated) return "UNKNOWN";
  if (score >= elevated) return "ELEVATED";
  // Without any number of live operators the network is UNKNOWN.
  return silent === undefined && live === undefined ? "UNKNOWN" : "NORMAL";
}

/** Whether the network is silent; zero live operators always are silence. */
const isSilent = (silent: unknown, live: number | undefined): boolean =>
  (silent !== undefined && silent !== false) ||
  (live !== undefined && !(isCount(live) && live > 0));

const isCount = (value: number | undefined): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;

const thresholdOf = (given: number | undefined, byDefault: number): number => {
  if (given === undefined) return byDefault;
  const threshold = numberOf(given);
  return threshold >= 0 && threshold <= 1 ? threshold : 0;
};

/** Reads a number; NaN for anything else, which a comparison would convert. */
const numberOf = (value: unknown): number => (typeof value === "number" ? value : NaN);

/** Whether a value is a number of critical operators: an integer from 1. */
export const isQuorum = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 1;

/**
 * Determines the critical operators needed for CRITICAL_GLOBAL: as configured, or the larger of 2 and a
 * tenth of the live ones, rounded up. A malformed number of live ones counts as 0, a malformed quorum as 1.
 *
 * @param live live operators, an integer from 0
 * @param configured `global_quorum`, an integer from 1
 * @returns an integer from 1
 */
export function quorumOf(live: number, configured?: number): number {
  if (configured !== undefined) return isQuorum(configured) ? configured : 1;
  return Math.max(MIN_QUORUM, Math.ceil((isCount(live) ? live : 0) / LIVE_PER_QUORUM));
}

/**
 * Keeps a score within what its level means: CRITICAL_GLOBAL is at least 0.60, CRITICAL_LOCAL
 * 0.25–0.59 (it counts as elevated), ELEVATED and UNKNOWN at least 0.25. A score that is not within 0–1
 * counts as 1, and so does the score of an unknown level.
 *
 * @param score 0–1
 * @returns 0–1
 */
export function scoreWithin(level: AdvisoryLevel, score: number): number {
  const number = numberOf(score);
  const given = number >= 0 && number <= 1 ? number : 1;
  switch (level) {
    case "NORMAL":
      return given;
    case "UNKNOWN":
    case "ELEVATED":
      return Math.max(given, SCALE.elevated);
    case "CRITICAL_LOCAL":
      return Math.min(Math.max(given, SCALE.elevated), LOCAL_CAP);
    case "CRITICAL_GLOBAL":
      return Math.max(given, SCALE.high);
    default:
      return 1;
  }
}
