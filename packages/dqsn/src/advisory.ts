/** The advisory level of the network: what a score and its corroboration mean (DQSN v2, section 2). */
import { type AdvisoryLevel, SCALE } from "@dgb-shield/contract";

/** What a level is read from. */
export type AdvisoryInput = Readonly<{
  /** Network score, 0–1. */
  score: number;
  /** Distinct reporters at or above 0.60; a score alone cannot show corroboration. */
  critical_reporters: number;
  /** Distinct reporters that are live; the default quorum is a tenth of them, and at least 2. */
  live_reporters?: number;
  /** Whether somebody who should have spoken did not; absent, whether nobody is live. */
  silent?: boolean;
}>;

/** Where levels begin. */
export type AdvisoryThresholds = Readonly<{
  /** Score at which ELEVATED begins (0.25). */
  elevated?: number;
  /** Score that only a critical reporter can explain (0.60). */
  high?: number;
  /** Critical reporters needed for CRITICAL_GLOBAL. */
  global_quorum?: number;
}>;

const MIN_QUORUM = 2;
const LIVE_PER_QUORUM = 10;

/** CRITICAL_LOCAL ends just below the score of CRITICAL_GLOBAL. */
const LOCAL_CAP = 0.59;

/**
 * The level of the network.
 *
 * - CRITICAL_GLOBAL: a quorum of critical reporters
 * - CRITICAL_LOCAL: a critical reporter without a quorum, or a score that nothing else explains
 * - ELEVATED: a score from 0.25
 * - UNKNOWN: silence, in place of NORMAL only
 *
 * @returns CRITICAL_LOCAL at least for a score that is not within 0–1
 * @example toLevel({ score: 0.8, critical_reporters: 3 }) // "CRITICAL_GLOBAL"
 */
export function toLevel(
  { score, critical_reporters, live_reporters, silent }: AdvisoryInput,
  thresholds: AdvisoryThresholds = {},
): AdvisoryLevel {
  const { elevated = SCALE.elevated, high = SCALE.high } = thresholds;
  const quorum = quorumOf(live_reporters ?? 0, thresholds.global_quorum);
  if (critical_reporters >= quorum) return "CRITICAL_GLOBAL";
  if (critical_reporters !== 0 || !(score >= 0 && score < high)) return "CRITICAL_LOCAL";
  // The score of a silent network is raised to this threshold, which must not make it ELEVATED.
  if ((silent ?? live_reporters === 0) && score <= elevated) return "UNKNOWN";
  return score >= elevated ? "ELEVATED" : "NORMAL";
}

/**
 * Critical reporters needed for CRITICAL_GLOBAL: as configured, or the larger of 2 and a tenth of
 * the live ones, rounded up.
 */
export const quorumOf = (live: number, configured?: number): number =>
  configured ?? Math.max(MIN_QUORUM, Math.ceil(live / LIVE_PER_QUORUM));

/**
 * A score kept within what its level means: CRITICAL_GLOBAL is at least 0.60, CRITICAL_LOCAL
 * 0.25–0.59 (it counts as elevated), ELEVATED and UNKNOWN at least 0.25.
 */
export function scoreWithin(level: AdvisoryLevel, score: number): number {
  switch (level) {
    case "NORMAL":
      return score;
    case "UNKNOWN":
    case "ELEVATED":
      return Math.max(score, SCALE.elevated);
    case "CRITICAL_LOCAL":
      return Math.min(Math.max(score, SCALE.elevated), LOCAL_CAP);
    case "CRITICAL_GLOBAL":
      return Math.max(score, SCALE.high);
  }
}
