/** The clock rules of every layer: what a reading of a clock means for a core that keeps state (design, section 3: time). */

import { ownData } from "./internal/own.js";

/** Earliest time that a reading may give: 2009-01-01T00:00:00Z, the year of the first block chain. */
export const EARLIEST_TIME_MS = 1_230_768_000_000;
/** First time that is too late for a reading: 2101-01-01T00:00:00Z. */
export const END_OF_TIME_MS = 4_133_980_800_000;
/** Default of `max_clock_skew_ms`: how far a clock may step before it is not trusted, in milliseconds. */
export const DEFAULT_MAX_CLOCK_SKEW_MS = 5_000;
/** How fast a wall clock may drift against the monotonic one and still be followed: NTP's largest slew. */
const MAX_DRIFT = 500e-6;

/**
 * A reading of the clock: the wall clock alone, or the wall clock with a monotonic one beside it.
 *
 * - `now_ms`: whole milliseconds since 1970-01-01T00:00:00Z
 * - `monotonic_ms`: milliseconds since any fixed point of this process, never going back
 */
export type TimeReading = number | Readonly<{ now_ms: number; monotonic_ms: number }>;

/** Where wall and monotonic clock stood together; lost with the process, so never stored. */
export type ClockAnchor = Readonly<{ now_ms: number; monotonic_ms: number }>;

/** The time that a core keeps. `time_ms`, its latest trusted time, is what a snapshot keeps. */
export type CoreClock = Readonly<{ time_ms: number; anchor?: ClockAnchor | undefined }>;

/**
 * Whether a reading is trusted:
 *
 * - `trusted`: it agrees with the time of the core
 * - `behind`: the wall clock is earlier than the core's time by more than the permitted skew
 * - `ahead`: the wall clock ran ahead of the monotonic one by more than the permitted skew
 */
export type ClockStatus = "trusted" | "behind" | "ahead";

/** A reading held against a core's clock. */
export type CheckedTime = Readonly<{
  ok: true;
  status: ClockStatus;
  /** The core's time: never earlier than before, and never moved by a clock that is ahead. */
  time_ms: number;
  /** Time by the wall clock; dates from outside are compared with this one. */
  wall_ms: number;
  /** The clock to keep where the call changes the core; a read drops it. */
  clock: CoreClock;
}>;

/** A reading that gives no time. */
export type InvalidTime = Readonly<{ ok: false; code: TimeErrorCode; detail: string }>;

/** Why a reading gives no time. */
export type TimeErrorCode = "time_invalid" | "time_out_of_range";

/**
 * Checks that a value is a time in milliseconds. Seconds and microseconds taken for milliseconds are
 * recognised by their size.
 *
 * @param value anything; a time is an integer from 2009-01-01 until before 2101-01-01
 * @returns undefined for a time, else what is wrong with it; never throws
 * @example checkTimeMs(1_782_664_800)?.detail // "1782664800 is before 2009: seconds were given where milliseconds are expected"
 */
export function checkTimeMs(value: unknown): InvalidTime | undefined {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) {
    return invalid(
      "time_invalid",
      `${kindOf(value)} is not a whole number of milliseconds since 1970`,
    );
  }
  if (value >= EARLIEST_TIME_MS && value < END_OF_TIME_MS) return undefined;
  const isEarly = value < EARLIEST_TIME_MS;
  const unit = isTimeMs(value * 1_000)
    ? "seconds were given where milliseconds are expected"
    : isTimeMs(Math.trunc(value / 1_000))
      ? "microseconds were given where milliseconds are expected"
      : "milliseconds since 1970 are expected";
  return invalid(
    "time_out_of_range",
    `${value} is ${isEarly ? "before 2009" : "after 2100"}: ${unit}`,
  );
}

const isTimeMs = (value: number): boolean => value >= EARLIEST_TIME_MS && value < END_OF_TIME_MS;

/**
 * Holds a reading against a core's clock. Pure: the core keeps `clock` of the answer where the call
 * may change it, and drops it on a read.
 *
 * - A wall clock behind the core's time by more than `max_clock_skew_ms` is `behind`: the core's time
 *   stands still until the wall clock catches up or an operator accepts the clock.
 * - Where both clocks are known, a wall clock further ahead than the time that has passed, by more than
 *   the skew, is `ahead`: the core's time follows the monotonic clock. It ends when the wall clock
 *   comes back or an operator accepts it. Slow drift (500 ppm) is followed.
 * - Without a monotonic clock a step forward cannot be distinguished from a long pause, and is followed.
 *
 * @param clock the clock that the core kept; undefined before the first reading
 * @param reading the clock now
 * @param max_clock_skew_ms 0 or more, finite; default 5,000
 * @returns the checked time, or why there is none: the reading, the clock or the skew is unusable; never throws
 * @example
 * const first = advanceClock(undefined, 1_782_664_800_000);
 * if (first.ok) advanceClock(first.clock, 1_782_657_600_000); // status "behind"
 */
export function advanceClock(
  clock: CoreClock | undefined,
  reading: TimeReading,
  max_clock_skew_ms: number = DEFAULT_MAX_CLOCK_SKEW_MS,
): CheckedTime | InvalidTime {
  const read = readTime(reading);
  if (!read.ok) return read;
  const { now_ms, monotonic_ms } = read;
  // Comparisons with NaN are false, and would trust every clock.
  if (!Number.isFinite(max_clock_skew_ms) || max_clock_skew_ms < 0) {
    return invalid("time_invalid", "max_clock_skew_ms is not a number of milliseconds from 0");
  }
  const known = remembered(clock);
  if (known !== undefined && !known.ok) return known;
  const time_ms = known?.time_ms ?? now_ms;

  // [behind] the wall clock stepped back: nothing can be aged by it
  if (now_ms < time_ms - max_clock_skew_ms) {
    const kept: CoreClock = { time_ms, anchor: known?.anchor };
    return { ok: true, status: "behind", time_ms, wall_ms: now_ms, clock: kept };
  }

  const expected = expectedMs(known?.anchor, monotonic_ms);

  const drift = driftMs(known?.anchor, monotonic_ms);

  // [ahead] by the wall clock more time has passed than the monotonic clock measured
  if (expected !== undefined && now_ms > expected + drift + max_clock_skew_ms) {
    const passed = Math.max(time_ms, Math.floor(expected));
    const kept: CoreClock = { time_ms: passed, anchor: known?.anchor };
    return { ok: true, status: "ahead", time_ms: passed, wall_ms: now_ms, clock: kept };
  }

  const latest = Math.max(time_ms, now_ms);
  const anchor = nextAnchor(known?.anchor, read, max_clock_skew_ms);
  const next: CoreClock = { time_ms: latest, anchor };
  // Written out: a spread would cost ten times all the rest.
  return { ok: true, status: "trusted", time_ms: latest, wall_ms: now_ms, clock: next };
}

/**
 * The clock of a core after an operator accepted the wall clock as right. The core re-dates what lies
 * in the future of it.
 *
 * @returns the clock to keep, or why the reading gives no time
 */
export function acceptedClock(
  reading: TimeReading,
): Readonly<{ ok: true; clock: CoreClock }> | InvalidTime {
  const read = readTime(reading);
  if (!read.ok) return read;
  const { now_ms, monotonic_ms } = read;
  const anchor = monotonic_ms === undefined ? undefined : { now_ms, monotonic_ms };
  return { ok: true, clock: { time_ms: now_ms, anchor } };
}

type Known = Readonly<{ ok: true; time_ms: number; anchor: ClockAnchor | undefined }>;

/** What a clock has itself: one that was restored has no anchor, and inherits none. */
function remembered(clock: CoreClock | undefined): Known | InvalidTime | undefined {
  if (clock === undefined) return undefined;
  const time_ms = ownData(clock, "time_ms")?.value;
  const wrong = checkTimeMs(time_ms);
  if (wrong !== undefined) return { ...wrong, detail: `the core's time: ${wrong.detail}` };
  const anchor = ownData(clock, "anchor")?.value as ClockAnchor | undefined;
  return { ok: true, time_ms: time_ms as number, anchor };
}

type ReadTime = Readonly<{ ok: true; now_ms: number; monotonic_ms: number | undefined }>;

function readTime(reading: unknown): ReadTime | InvalidTime {
  const parts = partsOf(reading);
  if (parts === undefined)
    return invalid("time_invalid", `${kindOf(reading)} is not a reading of a clock`);
  const { now_ms, monotonic_ms } = parts;
  const wrong = checkTimeMs(now_ms);
  if (wrong !== undefined) return wrong;
  if (monotonic_ms !== undefined && !Number.isFinite(monotonic_ms)) {
    return invalid("time_invalid", "monotonic_ms is not a finite number");
  }
  return { ok: true, now_ms: now_ms as number, monotonic_ms: monotonic_ms as number | undefined };
}

/** The parts of a reading, own data properties only; undefined for anything else. */
function partsOf(
  reading: unknown,
): Readonly<{ now_ms: unknown; monotonic_ms: unknown }> | undefined {
  if (typeof reading === "number") return { now_ms: reading, monotonic_ms: undefined };
  if (typeof reading !== "object" || reading === null) return undefined;
  try {
    const now = ownData(reading, "now_ms");
    const monotonic = ownData(reading, "monotonic_ms");
    if (now === undefined || monotonic === undefined) return undefined;
    return { now_ms: now.value, monotonic_ms: monotonic.value ?? NaN };
  } catch {
    return undefined;
  }
}

/** The expected wall clock time; undefined where the monotonic clock is unknown or began anew. */
function expectedMs(
  anchor: ClockAnchor | undefined,
  monotonic_ms: number | undefined,
): number | undefined {
  if (anchor === undefined || monotonic_ms === undefined || monotonic_ms < anchor.monotonic_ms) {
    return undefined;
  }
  return anchor.now_ms + (monotonic_ms - anchor.monotonic_ms);
}

/** How far the two clocks may have drifted apart since the anchor: the longer ago it is, the further. */
const driftMs = (anchor: ClockAnchor | undefined, monotonic_ms: number | undefined): number =>
  anchor === undefined || monotonic_ms === undefined
    ? 0
    : Math.max(0, (monotonic_ms - anchor.monotonic_ms) * MAX_DRIFT);

/** Moves the anchor to this reading, towards its wall clock no faster than a clock may drift. */
function nextAnchor(
  anchor: ClockAnchor | undefined,
  { now_ms, monotonic_ms }: ReadTime,
  max_clock_skew_ms: number,
): ClockAnchor | undefined {
  // A reading without a monotonic clock measures nothing: the next one with it starts anew.
  if (monotonic_ms === undefined) return undefined;
  const expected = expectedMs(anchor, monotonic_ms);
  if (anchor === undefined || expected === undefined) return { now_ms, monotonic_ms };
  const off = now_ms - expected;
  // The wall clock stepped back between two readings: to count less time as passed is the strict side.
  if (off < -max_clock_skew_ms) return { now_ms, monotonic_ms };
  const most = driftMs(anchor, monotonic_ms);
  return { now_ms: expected + Math.min(most, Math.max(-most, off)), monotonic_ms };
}

const invalid = (code: TimeErrorCode, detail: string): InvalidTime => ({ ok: false, code, detail });

const kindOf = (value: unknown): string =>
  typeof value === "number" ? String(value) : value === null ? "null" : typeof value;
