/** Levels as numbers, so that the worst of some is their maximum. */
import type { RiskLevel } from "@dgb-shield/contract";

/** Place of a level on the scale, 0 for normal to 3 for critical. */
export const RANK: Readonly<Record<RiskLevel, number>> = Object.freeze({
  normal: 0,
  elevated: 1,
  high: 2,
  critical: 3,
});

/** The rank from which the high ratio limit holds. */
export const HIGH = RANK.high;
