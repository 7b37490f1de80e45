/** Hold-down timer against flapping: a level rises at once and falls late (design section 4.2: hold). */
import { ADVISORY_LEVELS, type AdvisoryLevel } from "@dgb-shield/contract";

/** The time until which the signals last gave each level; null for a level that they never gave. */
export type HoldTimes = Readonly<Record<AdvisoryLevel, number | null>>;

/** Ends of the levels by their place in `ADVISORY_LEVELS`; -Infinity for none. */
export type HoldEnds = readonly number[];

/** Keeps levels in force for a while after they have gone. */
export type HoldDown = Readonly<{
  /** Records that the signals gave `level` until `endMs`. */
  record: (level: AdvisoryLevel, endMs: number) => void;
  /** Gives the level in force at `nowMs`, where the signals give `level` then; changes nothing. */
  inForce: (level: AdvisoryLevel, nowMs: number) => AdvisoryLevel;
  times: () => HoldTimes;
  /** Gives the state for `reset`; it is replaced, never changed. */
  ends: () => HoldEnds;
  reset: (ends: HoldEnds) => void;
  /** Clears all levels. */
  clear: () => void;
}>;

/**
 * Creates a hold-down: the level in force is the worst that the signals give, or gave at any moment after
 * `nowMs - holdMs`. It rests on when signals came and expired, not on when a view was taken.
 *
 * @param holdMs milliseconds; 0 holds nothing
 * @param times of an earlier hold-down, to go on from
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
