/** Reads the system's clocks, the default of every adapter (design, section 3: time). */
import type { TimeReading } from "@dgb-shield/contract";

/** Where an adapter takes the time from; a number is the wall clock alone. */
export type Clock = () => TimeReading;

/** Reads wall clock and monotonic clock of this process together. */
export const systemClock: Clock = () => ({
  now_ms: Date.now(),
  monotonic_ms: performance.now(),
});

/** The wall clock of a reading in milliseconds; NaN for what is none. */
export function wallMsOf(reading: unknown): number {
  if (typeof reading === "number") return reading;
  if (typeof reading !== "object" || reading === null) return NaN;
  const now: unknown = Object.getOwnPropertyDescriptor(reading, "now_ms")?.value;
  return typeof now === "number" ? now : NaN;
}
