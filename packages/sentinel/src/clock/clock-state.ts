/** State of the observer's clock, and the running times that detectors measure by. */
import { timeMsSchema } from "@dgb-shield/contract";
import { z } from "zod";

/** Longest time between two observations that is accepted at once where no monotonic clock measured it. */
export const LONGEST_POLL_MS = 65_000;

/** Most steps that wait for confirmation; more are never accepted, which keeps holds longer. */
export const MAX_UNCONFIRMED = 16;

/**
 * Three running times of one node's watch, in milliseconds. None of them ever goes back, and a clock that
 * never was wrong makes all three equal to it. A detector compares each only with itself.
 */
const timesSchema = z
  .strictObject({
    /** As much time as may have passed: a stall, a silence and whatever else grows with time. */
    most_ms: z.int().min(0),
    /** As much as has surely passed: windows and baselines. */
    least_ms: z.int().min(0),
    /** The same, but it stands still while the clock is behind: what is held runs off by it. */
    held_ms: z.int().min(0),
  })
  .refine(({ most_ms, least_ms, held_ms }) => held_ms <= least_ms && least_ms <= most_ms, {
    error: "running times that contradict each other: held_ms <= least_ms <= most_ms",
  });
/** The running times of a watch, in milliseconds. */
export type Times = z.infer<typeof timesSchema>;

/** State of the clock, as JSON: all but the monotonic readings, which end with the process. */
export const clockStateSchema = z.strictObject({
  /** Latest trusted time; 0 before the first reading. */
  time_ms: timeMsSchema,
  /** What the wall clock showed last. */
  wall_ms: timeMsSchema,
  status: z.enum(["trusted", "behind", "ahead"]),
  /** What the wall clock showed when the status began. */
  since_ms: timeMsSchema,
  times: timesSchema,
  /** The running times at the last trusted reading. */
  mark: z.strictObject({
    wall_ms: timeMsSchema,
    most_ms: z.int().min(0),
    least_ms: z.int().min(0),
  }),
  /** The last ordinary time between two observations. */
  interval_ms: z.int().min(0).max(LONGEST_POLL_MS),
  /** Longer steps forward that nothing has confirmed yet. */
  unconfirmed: z
    .array(z.strictObject({ wall_ms: timeMsSchema, step_ms: z.int().min(0) }))
    .max(MAX_UNCONFIRMED),
});
export type ClockState = z.infer<typeof clockStateSchema>;

/** The clock before the first reading. */
export const emptyClock = (): ClockState => ({
  time_ms: 0,
  wall_ms: 0,
  status: "trusted",
  since_ms: 0,
  times: { most_ms: 0, least_ms: 0, held_ms: 0 },
  mark: { wall_ms: 0, most_ms: 0, least_ms: 0 },
  interval_ms: 0,
  unconfirmed: [],
});
