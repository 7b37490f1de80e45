/** The history of the clock: acceptances by an operator, and steps forward that may have been wrong (design section 2). */
import {
  ADVISORY_LEVELS,
  type AdvisoryLevel,
  advisoryLevelSchema,
  idSchema,
  parseOwn,
  timeMsSchema,
} from "@dgb-shield/contract";
import { z } from "zod";
import { DqsnConfigError } from "../errors.js";

/** Acceptances that a network state keeps; the oldest goes first. */
export const MAX_ACCEPTANCES = 16;

/** Characters of a reason. */
const MAX_REASON_LENGTH = 1_000;

const reasonSchema = z.string().min(1).max(MAX_REASON_LENGTH);
const acceptanceSchema = z.strictObject({ operator: idSchema, reason: reasonSchema });

/** The schema of a recorded acceptance. */
export const clockAcceptanceSchema = acceptanceSchema.extend({
  /** The clock that was accepted. */
  at_ms: timeMsSchema,
  /** The state's time until then. */
  from_ms: timeMsSchema,
  /** The status of the clock until then. */
  clock: z.enum(["trusted", "behind", "ahead"]),
});

/** The operator that accepts the clock, an identifier, and the reason, 1–1,000 characters. */
export type Acceptance = Readonly<z.infer<typeof acceptanceSchema>>;

/** A recorded acceptance. Times are milliseconds since 1970-01-01T00:00:00Z. */
export type ClockAcceptance = Readonly<z.infer<typeof clockAcceptanceSchema>>;

/**
 * Reads an acceptance.
 *
 * @throws DqsnConfigError `invalid_acceptance` with the path of the first error
 */
export function readAcceptance(acceptance: unknown): Acceptance {
  const read = parseOwn(acceptanceSchema, acceptance, { maxDepth: 1, maxEntries: 2 });
  if (read.ok) return read.value;
  throw new DqsnConfigError("invalid_acceptance", read.path, "not {operator, reason}");
}

/** The schema of a leap. */
export const leapSchema = z.strictObject({
  from_ms: timeMsSchema,
  to_ms: timeMsSchema,
  /** The level in force before it. */
  level: advisoryLevelSchema,
});

/** A step forward of the wall clock that no monotonic clock measured, and the level in force before it. */
export type Leap = Readonly<z.infer<typeof leapSchema>>;

/** Leaps that are kept; the shortest goes first, of those the oldest. */
export const MAX_LEAPS = 16;

/** Adds a leap; the shortest of too many goes. */
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
 * Finds the worst level that a wrong leap may have ended too early, when the wall clock is back before its end.
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
