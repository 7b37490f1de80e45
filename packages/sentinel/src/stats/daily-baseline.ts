/**
 * A running baseline of a positive quantity that follows the time of day, and the return period of a value as
 * far from it. Values are logarithms, sampled once an hour; deviations from what the same hour of the last days
 * had are taken to be normal, with a spread that is learnt within bounds.
 */
import { z } from "zod";
import { deepFrozen } from "../internal/frozen.js";

const HOURS = 24;
const HOUR_MS = 3_600_000;

/** The spread follows what lasts for a week; an hour's centre what lasts for about as many days. */
const SPREAD_WEIGHT = 1 / 168;
const HOUR_WEIGHT = 1 / 7;

/** A sample moves a centre as if it were at most this many spreads away, and the spread as if it were at most that many. */
const CENTRE_CLIP = 2;
const SPREAD_CLIP = 4;

/** Samples before anything is judged: a day. */
const MIN_SAMPLES = 24;

/** A running baseline. */
export const dailyBaselineSchema = z.strictObject({
  /** Of the logarithm: of all hours, and of each hour of the day; null for one that was not sampled yet. */
  centre: z.number(),
  hours: z.array(z.number().nullable()).length(HOURS),
  /** Mean absolute deviation of the logarithm. */
  spread: z.number().min(0),
  samples: z.int().min(0),
  /** When the last sample was taken, on the running time `least_ms`. */
  sampled_at_ms: z.int(),
});
export type DailyBaseline = z.infer<typeof dailyBaselineSchema>;

/** Bounds of the spread, in nats. */
export type SpreadBounds = Readonly<{ least: number; most: number }>;

/** A value, as a logarithm, at a running time. */
export type Sample = Readonly<{ value: number; at_ms: number }>;

/** Before the first sample. */
export const EMPTY_DAILY_BASELINE: DailyBaseline = deepFrozen({
  centre: 0,
  hours: Array.from({ length: HOURS }, () => null),
  spread: 0,
  samples: 0,
  sampled_at_ms: 0,
});

const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS) % HOURS;

/** What is usual at a time of day, as a logarithm; undefined in the first day. */
export const usualAt = (
  { centre, hours, samples }: DailyBaseline,
  at_ms: number,
): number | undefined => (samples < MIN_SAMPLES ? undefined : (hours[hourOf(at_ms)] ?? centre));

/** Standard deviation that is believed: that of a normal distribution of the learnt spread. */
export const deviationIn = ({ spread }: DailyBaseline, { least, most }: SpreadBounds): number =>
  Math.sqrt(Math.PI / 2) * Math.min(most, Math.max(least, spread));

/** The baseline after a sample; as it was where the last one is less than an hour ago. */
export function withDailySample(
  baseline: DailyBaseline,
  { value, at_ms }: Sample,
  { least }: SpreadBounds,
): DailyBaseline {
  const { centre, hours, spread, samples, sampled_at_ms } = baseline;
  const hour = hourOf(at_ms);
  const place = (at: number) => hours.map((one, i) => (i === hour ? at : one));
  if (samples === 0) {
    return { centre: value, hours: place(value), spread: 0, samples: 1, sampled_at_ms: at_ms };
  }
  if (at_ms - sampled_at_ms < HOUR_MS) return baseline;
  const believed = Math.max(least, spread);
  const weight = Math.max(SPREAD_WEIGHT, 1 / (samples + 1));
  const clip = (off: number) =>
    Math.max(-CENTRE_CLIP * believed, Math.min(CENTRE_CLIP * believed, off));
  const usual = hours[hour] ?? null;
  const deviation = value - (usual ?? centre);
  const width = Math.min(Math.abs(deviation), SPREAD_CLIP * believed);
  return {
    centre: centre + weight * clip(value - centre),
    // One odd hour at first is not what is usual then.
    hours: place(usual === null ? centre + clip(deviation) : usual + HOUR_WEIGHT * clip(deviation)),
    spread: spread + weight * (width - spread),
    samples: samples + 1,
    sampled_at_ms: at_ms,
  };
}
