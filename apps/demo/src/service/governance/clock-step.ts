/** By how much an acceptance of the clock would step: what voters see of it, and what they have not seen (design, section 10). */
import { z } from "zod";

/** What is accepted with the clock. */
export const clockSeenSchema = z.strictObject({
  status: z.enum(["trusted", "behind", "ahead", "invalid"]),
  step_ms: z
    .int()
    .describe(
      "by how much the clock of the process that watches, or the ledger's own, is ahead of the time that has passed; below 0: behind",
    ),
});

/** The clock as it stands, or as voters saw it. */
export type ClockSeen = Readonly<z.output<typeof clockSeenSchema>>;

/**
 * By how much a step may be larger than voters saw it, in milliseconds: hosts of one deployment differ by less, and a
 * window that moves by so much frees next to nothing.
 */
const TOLERANCE_MS = 60_000;

/** The one of two steps that is further from none. */
export const largerStep = (a: number, b: number): number => (Math.abs(b) > Math.abs(a) ? b : a);

/** Whether a step goes further than voters saw, in either direction. */
export const goesFurther = (now: ClockSeen, seen: ClockSeen | undefined): boolean => {
  const most = Math.max(0, seen?.step_ms ?? 0) + TOLERANCE_MS;
  const least = Math.min(0, seen?.step_ms ?? 0) - TOLERANCE_MS;
  return now.step_ms > most || now.step_ms < least;
};
