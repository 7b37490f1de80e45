/** Reads both clocks of this process, and keeps what a site knows of them (design, section 3: time). */
import {
  acceptedClock,
  advanceClock,
  type CheckedTime,
  type CoreClock,
  EARLIEST_TIME_MS,
  type TimeReading,
} from "@dgb-shield/contract";
import type { PipelineConfig } from "./config.js";

/** One reading of the clocks. */
export type Moment = Readonly<{
  reading: TimeReading;
  /** Undefined where the clock gives no time. */
  now: CheckedTime | undefined;
  /** The wall clock's time; the last known one where it gives none. */
  readMs: number;
  /** How far the wall clock is ahead of the time that has passed, in milliseconds; below 0: behind; 0 while it is trusted. */
  stepMs: number;
}>;

/** The clock of one site in this process. */
export type OwnClock = Readonly<{
  read(): Moment;
  /** Accepts a reading as right; false where it gives no time. */
  accept(reading: TimeReading): boolean;
}>;

/** Creates the clock; what the clocks throw gives no time. */
export function createOwnClock(clocks: Pick<PipelineConfig, "clock" | "monotonic">): OwnClock {
  let kept: CoreClock | undefined;
  return Object.freeze({
    read() {
      const reading = readingOf(clocks);
      const now = advanceClock(kept, reading);
      if (!now.ok) {
        const readMs = kept?.time_ms ?? EARLIEST_TIME_MS;
        return { reading, now: undefined, readMs, stepMs: 0 };
      }
      kept = now.clock;
      const stepMs = now.status === "trusted" ? 0 : now.wall_ms - now.time_ms;
      return { reading, now, readMs: now.wall_ms, stepMs };
    },
    accept(reading) {
      const accepted = acceptedClock(reading);
      if (accepted.ok) kept = accepted.clock;
      return accepted.ok;
    },
  } satisfies OwnClock);
}

function readingOf({ clock, monotonic }: Pick<PipelineConfig, "clock" | "monotonic">): TimeReading {
  try {
    const now_ms = clock();
    return monotonic === undefined ? now_ms : { now_ms, monotonic_ms: monotonic() };
  } catch {
    return NaN;
  }
}
