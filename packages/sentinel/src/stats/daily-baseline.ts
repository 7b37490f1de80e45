/**
 * A running baseline of a positive quantity that follows the time of day and the day of the week (UTC). Values are
 * logarithms, sampled once an hour; deviations from what the same hour of the last days had, moved by what is usual
 * on that day of the week, are taken to be normal, with a spread that is learnt within bounds.
 */
import { z } from "zod";
import { deepFrozen } from "../internal/frozen.js";

const HOURS = 24;
const HOUR_MS = 3_600_000;
const DAYS = 7;
const DAY_MS = HOURS * HOUR_MS;

/** The spread follows what lasts for a week; an hour's centre what lasts for about as many days. */
const SPREAD_WEIGHT = 1 / 168;
const HOUR_WEIGHT = 1 / 7;

/** A day of the week is known by halves: after one weekend half of what it was, after two three quarters. */
const DAY_WEIGHT = 1 / 2;

/** A sample moves a centre as if it were at most this many spreads away, and the spread as if it were at most that many. */
const CENTRE_CLIP = 2;
const SPREAD_CLIP = 4;

/** And a day of the week as if it were at most that many. */
const DAY_CLIP = 8;

/** Samples before anything is judged: a day. */
const MIN_SAMPLES = 24;

/** A running baseline. */
export const dailyBaselineSchema = z.strictObject({
  /** Of the logarithm: of all hours, and of each hour of the day; null for one that was not sampled yet. */
  centre: z.number(),
  hours: z.array(z.number().nullable()).length(HOURS),
  /** How far each day of the week is off its hours' centres, from the Thursday that 1970 began with. */
  days: z.array(z.number()).length(DAYS),
  /** The day that is not over: which one, and its deviations from the hours' centres. */
  today: z.strictObject({
    day: z
      .int()
      .min(0)
      .max(DAYS - 1),
    sum: z.number(),
    samples: z.int().min(0).max(HOURS),
  }),
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
  days: Array.from({ length: DAYS }, () => 0),
  today: { day: 0, sum: 0, samples: 0 },
  spread: 0,
  samples: 0,
  sampled_at_ms: 0,
});

const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS) % HOURS;

const dayOf = (ms: number): number => Math.floor(ms / DAY_MS) % DAYS;

const usualAt = ({ centre, hours, days }: DailyBaseline, at_ms: number): number =>
  (hours[hourOf(at_ms)] ?? centre) + (days[dayOf(at_ms)] ?? 0);

/**
 * How far a value that was measured over a time is off what is usual from its begin to its end, as a logarithm.
 *
 * @param lengthMs of that time: in the first hour of a day most of it is of the day before
 * @returns undefined in the first day
 */
export function offUsual(
  baseline: DailyBaseline,
  { value, at_ms }: Sample,
  lengthMs: number,
): number | undefined {
  if (baseline.samples < MIN_SAMPLES) return undefined;
  const begin = value - usualAt(baseline, at_ms - lengthMs);
  const end = value - usualAt(baseline, at_ms);
  const [lower, upper] = begin < end ? [begin, end] : [end, begin];
  return lower > 0 ? lower : Math.min(0, upper);
}

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
    return {
      ...baseline,
      centre: value,
      hours: place(value),
      samples: 1,
      sampled_at_ms: at_ms,
    };
  }
  if (at_ms - sampled_at_ms < HOUR_MS) return baseline;
  const believed = Math.max(least, spread);
  const weight = Math.max(SPREAD_WEIGHT, 1 / (samples + 1));
  const clip = (off: number) => clipped(off, CENTRE_CLIP * believed);
  const usual = hours[hour] ?? null;
  const ofHour = usual === null ? undefined : clipped(value - usual, DAY_CLIP * believed);
  const { days, today } = withHour(baseline, ofHour, dayOf(at_ms));
  const deviation = value - (usual ?? centre) - (usual === null ? 0 : (days[today.day] ?? 0));
  const width = Math.min(Math.abs(deviation), SPREAD_CLIP * believed);
  return {
    centre: centre + weight * clip(value - centre),
    // One odd hour at first is not what is usual then.
    hours: place(usual === null ? centre + clip(deviation) : usual + HOUR_WEIGHT * clip(deviation)),
    days,
    today,
    spread: spread + weight * (width - spread),
    samples: samples + 1,
    sampled_at_ms: at_ms,
  };
}

const clipped = (off: number, most: number): number => Math.max(-most, Math.min(most, off));

/** Counts the deviation of an hour from its centre, if it has one; a day that is over is learnt. */
function withHour(
  { days, today }: DailyBaseline,
  deviation: number | undefined,
  day: number,
): Pick<DailyBaseline, "days" | "today"> {
  const { sum, samples } = day === today.day ? today : { sum: 0, samples: 0 };
  const counted =
    deviation === undefined || samples >= HOURS
      ? { day, sum, samples }
      : { day, sum: sum + deviation, samples: samples + 1 };
  if (day === today.day || today.samples === 0) return { days, today: counted };
  const mean = today.sum / today.samples;
  const learnt = (known: number): number => known + DAY_WEIGHT * (mean - known);
  return { days: days.map((one, i) => (i === today.day ? learnt(one) : one)), today: counted };
}
