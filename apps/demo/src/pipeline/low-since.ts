/** Tracks since when the risk has been LOW without a break, which ends a freeze (design, sections 7 and 10). */
import type { GuardianRisk } from "@dgb-shield/contract";

/** Follows the risk from one reading of the evidence to the next. */
export type LowSince = Readonly<{
  /**
   * Records the risk at a time.
   *
   * @param nowMs the site's clock; undefined where it is not trusted, which breaks the span
   * @returns since when it has been LOW; null while it is not
   */
  note(risk: GuardianRisk, nowMs: number | undefined): number | null;
}>;

/**
 * Creates a tracker. A span begins at the reading that first finds LOW, and ends with any other risk, with a clock
 * that is not trusted or stepped back, and where no reading was taken for longer than `maxGapMs`: what happened
 * meanwhile is not known.
 *
 * @param maxGapMs milliseconds
 */
export function createLowSince(maxGapMs: number): LowSince {
  let sinceMs: number | null = null;
  let lookedMs = -Infinity;
  return {
    note(risk, nowMs) {
      const isBroken =
        nowMs === undefined || nowMs < lookedMs || nowMs - lookedMs > maxGapMs || risk !== "LOW";
      if (isBroken) sinceMs = null;
      if (nowMs === undefined) return null;
      lookedMs = nowMs;
      if (risk === "LOW") sinceMs ??= nowMs;
      return sinceMs;
    },
  };
}
