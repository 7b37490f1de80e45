/**
 * A running baseline of a positive quantity that no short burst can move, and the return period of
 * a value as far from it. Values are logarithms; deviations are taken to be Laplace-distributed, so that the
 * quantity itself has Pareto tails of index 1/spread.
 */
import { z } from "zod";
import { deepFrozen } from "../internal/frozen.js";

/** Fewest samples that a baseline keeps. */
const MIN_MEMORY = 32;

/** A sample moves the centre as if it were at most this many spreads away. */
const CENTRE_CLIP = 2;

/** And the spread as if it were at most this many. */
const SPREAD_CLIP = 4;

/** Samples before anything is judged. */
const MIN_SAMPLES = 32;

/** A running baseline. */
export const baselineSchema = z.strictObject({
  /** Of the logarithm. */
  centre: z.number(),
  /** Mean absolute deviation of the logarithm from the centre. */
  spread: z.number().min(0),
  samples: z.int().min(0),
  /** When the last sample was taken, on the running time `least_ms`. */
  sampled_at_ms: z.int(),
});
export type Baseline = z.infer<typeof baselineSchema>;

/** What a baseline is made with. */
export type BaselineRule = Readonly<{
  /** Lower bound of the spread, in nats. */
  leastSpread: number;
  /** Least time between two samples: polling more often does not make more evidence. */
  intervalMs: number;
  /** How far back it reaches: the baseline follows what lasts for so long. */
  memoryMs: number;
}>;

/** A value, as a logarithm, at a running time. */
export type Sample = Readonly<{ value: number; at_ms: number }>;

/** Before the first sample. */
export const EMPTY_BASELINE: Baseline = deepFrozen({
  centre: 0,
  spread: 0,
  samples: 0,
  sampled_at_ms: 0,
});

/** Spreads that a value lies above the centre; negative below it, 0 while nothing can be judged. */
export function deviationOf(
  baseline: Baseline,
  value: number,
  { leastSpread }: BaselineRule,
): number {
  if (baseline.samples < MIN_SAMPLES) return 0;
  return (value - baseline.centre) / Math.max(leastSpread, baseline.spread);
}

/** Share of the samples of a Laplace distribution that lie at least so many spreads above its centre. */
export const tailAbove = (deviation: number): number =>
  deviation <= 0 ? 1 : Math.exp(-deviation) / 2;

/** The baseline after a sample; as it was where the last one is too near. */
export function withSample(baseline: Baseline, sample: Sample, rule: BaselineRule): Baseline {
  const { centre, spread, samples, sampled_at_ms } = baseline;
  const { value, at_ms } = sample;
  if (samples === 0) return { centre: value, spread: 0, samples: 1, sampled_at_ms: at_ms };
  if (at_ms - sampled_at_ms < rule.intervalMs) return baseline;
  const believed = Math.max(rule.leastSpread, spread);
  const memory = Math.max(MIN_MEMORY, rule.memoryMs / rule.intervalMs);
  const weight = Math.max(1 / memory, 1 / (samples + 1));
  const deviation = value - centre;
  const move = clip(deviation, CENTRE_CLIP * believed);
  const width = Math.min(Math.abs(deviation), SPREAD_CLIP * believed);
  return {
    centre: centre + weight * move,
    spread: spread + weight * (width - spread),
    samples: samples + 1,
    sampled_at_ms: at_ms,
  };
}

const clip = (value: number, most: number): number => Math.max(-most, Math.min(most, value));
