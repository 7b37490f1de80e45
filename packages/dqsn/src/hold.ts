/** Hold time against flapping: a level rises at once and falls late (DQSN v2, section 2). */
import { ADVISORY_LEVELS, type AdvisoryLevel } from "@dgb-shield/contract";

/** Keeps levels in force for a while after they have gone. */
export type Hold = Readonly<{
  /** The level in force at `nowMs`, when `level` is what the signals say then. */
  update: (level: AdvisoryLevel, nowMs: number) => AdvisoryLevel;
}>;

/**
 * Creates a hold. A level stays in force until `holdMs` after the first look at which it was gone.
 *
 * @param holdMs milliseconds; 0 holds nothing
 */
export function createHold(holdMs: number): Hold {
  const until = ADVISORY_LEVELS.map(() => -Infinity);
  return {
    update: (level, nowMs) => {
      const reached = ADVISORY_LEVELS.indexOf(level);
      for (const [index, end] of until.entries()) {
        if (index <= reached) until[index] = Infinity;
        else if (end === Infinity) until[index] = nowMs + holdMs;
      }
      return ADVISORY_LEVELS.findLast((_, index) => (until[index] ?? 0) > nowMs) ?? level;
    },
  };
}
