/** The most that a quantity has been in the last weeks: bursts that come again and again are no news. */
import { z } from "zod";
import { deepFrozen } from "../internal/frozen.js";

/** What is news is more than so many times the peak, as a logarithm. */
const NEWS = Math.log(2);

/** A value counts as known when it is as old as this: six hours. */
const LEARNT_AFTER_MS = 21_600_000;

/** How much of the distance to the centre a peak keeps over that time: it is forgotten in two weeks. */
const KEPT = 1 - 1 / 56;

/** Values are logarithms, times are the running time `least_ms`. */
export const peakSchema = z.strictObject({
  /** The peak; null before the first. */
  known: z.number().nullable(),
  /** The most since `since_ms`, which does not count yet; null before the first. */
  latest: z.number().nullable(),
  since_ms: z.int(),
});
export type Peak = z.infer<typeof peakSchema>;

/** Before the first value. */
export const NO_PEAK: Peak = deepFrozen({ known: null, latest: null, since_ms: 0 });

/** Whether a value is more than twice the peak. */
export const isNews = ({ known }: Peak, value: number): boolean =>
  known === null || !(value <= known + NEWS);

/**
 * The peak after a value.
 *
 * @param centre what is usual
 * @param isOpen whether a finding is open: what raised it is not learnt before that has ended
 */
export function withPeak(
  { known, latest, since_ms }: Peak,
  { value, at_ms }: Readonly<{ value: number; at_ms: number }>,
  centre: number,
  isOpen: boolean,
): Peak {
  if (latest === null) return { known, latest: value, since_ms: at_ms };
  const most = Math.max(latest, value);
  if (isOpen || at_ms - since_ms < LEARNT_AFTER_MS) return { known, latest: most, since_ms };
  const kept = known === null ? most : centre + (known - centre) * KEPT;
  return { known: Math.max(kept, most), latest: value, since_ms: at_ms };
}
