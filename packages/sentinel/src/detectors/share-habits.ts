/** How far an algorithm's hash rate usually goes up and down, for `algo_share`. */
import { z } from "zod";

/** What is allowed for before anything was learnt: three times the usual hash rate, or a third. */
const LEAST_REACH = Math.log(3);

/** Largest deviation that is distinguished, in nats. */
export const FARTHEST_REACH = 25;

/** Weight of a block in the usual difficulty: a day of DigiByte. */
const CENTRE_WEIGHT = 1 / 5_760;

/** A block moves the centre as if it were at most so many nats off. */
const CENTRE_CLIP = 0.5;

/** Weight of a block in the mean that is compared: a quarter of an hour. */
const SMOOTH_WEIGHT = 1 / 60;

/** Blocks after which a hash rate that has come counts as known: six hours. */
const LEARNT_AFTER = 1_440;

/** And how much is kept of it from one such stretch to the next: it is halved, in nats, in 42 days. */
const KEPT = 1 - 1 / 240;

export const habitsSchema = z.strictObject({
  /** Blocks that were counted. */
  counted: z.int().min(0),
  /** Of each algorithm: its usual difficulty, as a logarithm. */
  centres: z.array(z.number()),
  /** Mean of the recent deviations from it. */
  smooth: z.array(z.number()),
  /** How far it has gone up and down lately, at least three times: what is no news. */
  up: z.array(z.number().min(0)),
  down: z.array(z.number().min(0)),
  /** How far in the stretch of six hours that is not over yet. */
  most: z.array(z.number()),
  least: z.array(z.number()),
});
export type Habits = z.infer<typeof habitsSchema>;

const each = (algorithms: number, value: number): number[] =>
  Array.from({ length: algorithms }, () => value);

/** Before the first block. */
export const noHabits = (algorithms: number): Habits => ({
  counted: 0,
  centres: each(algorithms, 0),
  smooth: each(algorithms, 0),
  up: each(algorithms, LEAST_REACH),
  down: each(algorithms, LEAST_REACH),
  most: each(algorithms, 0),
  least: each(algorithms, 0),
});

/** A copy that `learn` may change. */
export const copyOfHabits = (one: Habits): Habits => ({
  counted: one.counted,
  centres: [...one.centres],
  smooth: [...one.smooth],
  up: [...one.up],
  down: [...one.down],
  most: [...one.most],
  least: [...one.least],
});

/** Takes in the difficulty of an algorithm's next block, as a logarithm. */
export function learn(one: Habits, i: number, difficulty: number): void {
  const centre = one.centres[i] ?? 0;
  const deviation = difficulty - centre;
  const weight = Math.max(CENTRE_WEIGHT, 1 / (one.counted + 1));
  one.centres[i] = centre + weight * Math.max(-CENTRE_CLIP, Math.min(CENTRE_CLIP, deviation));
  const smooth = (one.smooth[i] ?? 0) + SMOOTH_WEIGHT * (deviation - (one.smooth[i] ?? 0));
  one.smooth[i] = smooth;
  one.most[i] = Math.max(one.most[i] ?? 0, smooth);
  one.least[i] = Math.min(one.least[i] ?? 0, smooth);
}

/** Ends a block: what came in the last stretch of six hours is known from then on. */
export function endBlock(one: Habits): void {
  one.counted++;
  if (one.counted % LEARNT_AFTER !== 0) return;
  for (let i = 0; i < one.centres.length; i++) {
    one.up[i] = reachAfter(one.up[i] ?? 0, one.most[i] ?? 0);
    one.down[i] = reachAfter(one.down[i] ?? 0, -(one.least[i] ?? 0));
    one.most[i] = 0;
    one.least[i] = 0;
  }
}

const reachAfter = (reach: number, seen: number): number =>
  Math.min(FARTHEST_REACH, Math.max(LEAST_REACH, reach * KEPT, seen));
