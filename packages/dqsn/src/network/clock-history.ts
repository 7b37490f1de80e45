/** Steps forward of the wall clock that no monotonic clock measured, and what they may have hidden (design, section 3: time). */
import {
  ADVISORY_LEVELS,
  type AdvisoryLevel,
  advisoryLevelSchema,
  timeMsSchema,
} from "@dgb-shield/contract";
import { z } from "zod";

/** The form of a leap. */
export const leapSchema = z.strictObject({
  from_ms: timeMsSchema,
  to_ms: timeMsSchema,
  /** The level in force before it. */
  level: advisoryLevelSchema,
});

/** A step forward that may have been a pause or a wrong clock, and the level in force before it. */
export type Leap = Readonly<z.infer<typeof leapSchema>>;

/** Leaps that are remembered; the shortest goes first, of those the oldest. */
export const MAX_LEAPS = 16;

/** The leaps with another one. */
export function withLeap(leaps: readonly Leap[], leap: Leap): readonly Leap[] {
  const all = [...leaps, leap];
  if (all.length <= MAX_LEAPS) return all;
  const lengthOf = ({ from_ms, to_ms }: Leap): number => to_ms - from_ms;
  const shortest = Math.min(...all.map(lengthOf));
  return all.toSpliced(
    all.findIndex((each) => lengthOf(each) === shortest),
    1,
  );
}

/**
 * The worst level that a wrong leap may have ended too early, when the wall clock is back before its end.
 *
 * @param wallMs the wall clock now
 * @param lastsMs how long a level can last that nothing renews
 * @returns NORMAL for none
 */
export function levelBehind(
  leaps: readonly Leap[],
  wallMs: number,
  lastsMs: number,
): AdvisoryLevel {
  const levels = leaps
    .filter(({ from_ms, to_ms }) => wallMs < to_ms && wallMs < from_ms + lastsMs)
    .map(({ level }) => level);
  return levels.reduce(worseOf, "NORMAL");
}

/** The worse of two levels. */
export const worseOf = (a: AdvisoryLevel, b: AdvisoryLevel): AdvisoryLevel =>
  ADVISORY_LEVELS.indexOf(a) >= ADVISORY_LEVELS.indexOf(b) ? a : b;
