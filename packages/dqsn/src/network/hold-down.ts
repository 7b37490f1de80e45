/** HoldDown time against flapping: a level rises at once and falls late (DQSN v2, section 2). */
import { ADVISORY_LEVELS, type AdvisoryLevel } from "@dgb-shield/contract";

/** Until when each level was last what the signals gave; null for one that they never left. */
export type HoldTimes = Readonly<Record<AdvisoryLevel, number | null>>;

/** Ends of the levels by their place in `ADVISORY_LEVELS`; -Infinity for none. */
export type HoldEnds = readonly number[];

/** Keeps levels in force for a while after they have gone. */
export type HoldDown = Readonly<{
  /** Notes that the signals gave `level` until `endMs`. */
  record: (level: AdvisoryLevel, endMs: number) => void;
  /** The level in force at `nowMs`, when `level` is what the signals give then; changes nothing. */
  inForce: (level: AdvisoryLevel, nowMs: number) => AdvisoryLevel;
  times: () => HoldTimes;
  /** Its state, for `reset`; it is replaced, never changed. */
  ends: () => HoldEnds;
  reset: (ends: HoldEnds) => void;
  /** Forgets all levels. */
  clear: () => void;
}>;

/**
 * Creates a hold: the level in force is the worst that the signals give, or gave at any moment after
 * `nowMs - holdMs`. It rests on when signals came and expired, not on when a view was taken.
 *
 * @param holdMs milliseconds; 0 holds nothing
 * @param times of an earlier hold, to go on from
 */
export function createHoldDown(holdMs: number, times?: HoldTimes): HoldDown {
  let ends: HoldEnds = ADVISORY_LEVELS.map((level) => times?.[level] ?? -Infinity);
  return {
    record: (level, endMs) => {
      const reached = ADVISORY_LEVELS.indexOf(level);
      ends = ends.map((end, index) => (index <= reached ? endMs : end));
    },
    inForce: (level, nowMs) => {
      const reached = ADVISORY_LEVELS.indexOf(level);
      const held = ends.findLastIndex((end) => end + holdMs > nowMs);
      return ADVISORY_LEVELS[Math.max(reached, held)] ?? level;
    },
    times: () =>
      Object.fromEntries(
        ADVISORY_LEVELS.map((level, index) => [level, finite(ends[index])]),
      ) as HoldTimes,
    ends: () => ends,
    reset: (to) => {
      ends = to;
    },
    clear: () => {
      ends = ends.map(() => -Infinity);
    },
  };
}

const finite = (time: number | undefined): number | null =>
  time === undefined || time === -Infinity ? null : time;
