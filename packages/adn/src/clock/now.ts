/** Checks a reading of the clock against a node's memory (design, section 3). */
import {
  advanceClock,
  type ClockAnchor,
  type ClockStatus,
  type CoreClock,
  type TimeReading,
} from "@dgb-shield/contract";
import type { Memory } from "../memory/model.js";

/** One moment of a node. */
export type Now = Readonly<{
  /** A reading that gives no time counts as `behind`. */
  status: ClockStatus;
  /** Why the reading gives no time; undefined where it does. */
  invalid: string | undefined;
  /** The node's time: lifetimes run on it. */
  time_ms: number;
  /** What the wall clock reads: dates from outside are compared with it. Undefined where it gives no time. */
  wall_ms: number | undefined;
  /** The earlier of both: the date of an answer, never later than either. */
  as_of_ms: number;
  /** The clock to keep where the call changes the memory. */
  clock: CoreClock | undefined;
}>;

/** Checks a reading against the latest time in the memory. */
export function readNow(
  { time_ms }: Memory,
  reading: TimeReading,
  {
    anchor,
    max_clock_skew_ms,
  }: Readonly<{ anchor: ClockAnchor | undefined; max_clock_skew_ms: number }>,
): Now {
  const known = time_ms === 0 ? undefined : { time_ms, anchor };
  const checked = advanceClock(known, reading, max_clock_skew_ms);
  if (!checked.ok) {
    const { detail } = checked;
    const at = { time_ms, wall_ms: undefined, as_of_ms: time_ms, clock: known };
    return { status: "behind", invalid: detail, ...at };
  }
  const { status, wall_ms, clock } = checked;
  const as_of_ms = Math.min(wall_ms, checked.time_ms);
  return { status, invalid: undefined, time_ms: checked.time_ms, wall_ms, as_of_ms, clock };
}

/** Describes what is wrong with the clock and what to do; undefined where it is trusted. */
export function clockFault({ status, invalid, time_ms, wall_ms }: Now): string | undefined {
  if (invalid !== undefined) {
    return `The reading of the clock gives no time: ${invalid}. Pass milliseconds since 1970.`;
  }
  if (status === "trusted" || wall_ms === undefined) return undefined;
  const seconds = Math.ceil(Math.abs(wall_ms - time_ms) / 1_000);
  const fault =
    status === "behind"
      ? `The clock is ${seconds} s behind the latest time known`
      : `The clock is ${seconds} s ahead of the time that has passed`;
  return `${fault}, and nothing ends by it. Set it right, or accept it as an operator if it is right.`;
}
