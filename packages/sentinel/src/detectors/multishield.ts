/** DigiByte's difficulty of each algorithm, followed from headers, for `algo_share`. */
import { z } from "zod";
import { deepFrozen } from "../internal/frozen.js";
import { medianOf } from "../stats/median.js";

/**
 * MultiShield V4 (DigiByte Core 8.22, `pow.cpp`): after each block the difficulty of its algorithm goes by a
 * damped and clamped factor of the time that the last 50 blocks took, and by 4 % for each block by which it
 * came sooner than every fifth.
 */
const RULE = {
  window: 50,
  median: 11,
  damping: 1 / 4,
  least_span: 0.92,
  most_span: 1.16,
  step: Math.log(1.04),
  sharing: 5,
} as const;

/** Farthest that a logarithm goes: a chain has a lowest difficulty too. */
const FARTHEST = 50;

/** Seconds after which times are counted from a later one. */
const FARTHEST_S = 9_999;

/** Difficulties as logarithms, off what they were at first. */
export const difficultiesSchema = z.strictObject({
  /** Of each algorithm at its own last block. */
  own: z.array(z.number()),
  /** Blocks since then, the next one included. */
  since: z.array(z.int().min(1)),
  /** What makes of a logarithm that the node gives one of these; null before it has given one. */
  units: z.array(z.number().nullable()),
  /** What the times below are counted from, in seconds since 1970: they are written after each block. */
  from_s: z.int().min(0),
  /** Times of the last 11 headers, and their medians at each of the last 51. */
  times: z.array(z.number()).max(RULE.median),
  medians: z.array(z.number()).max(RULE.window + 1),
});
export type Difficulties = z.infer<typeof difficultiesSchema>;

/** Difficulties of so many algorithms, each at its usual one. */
export const usualDifficulties = (algorithms: number): Difficulties => ({
  own: Array.from({ length: algorithms }, () => 0),
  since: Array.from({ length: algorithms }, (_, i) => 1 + (i % RULE.sharing)),
  units: Array.from({ length: algorithms }, () => null),
  from_s: 0,
  times: [],
  medians: [],
});

export const NO_DIFFICULTIES: Difficulties = deepFrozen(usualDifficulties(0));

/** A copy that `acceptBlock` may change. */
export const copyOfDifficulties = (one: Difficulties): Difficulties => ({
  own: [...one.own],
  since: [...one.since],
  units: one.units,
  from_s: one.from_s,
  times: [...one.times],
  medians: [...one.medians],
});

/** Logarithm of the factor that each algorithm's next block has in common; 0 while the window is not full. */
export function commonStep({ medians }: Difficulties, spacingS: number): number {
  const newest = medians.at(-1);
  const oldest = medians[0];
  if (newest === undefined || oldest === undefined || medians.length <= RULE.window) return 0;
  const span = (newest - oldest) / (RULE.window * spacingS);
  const damped = 1 + RULE.damping * (span - 1);
  return -Math.log(Math.min(RULE.most_span, Math.max(RULE.least_span, damped)));
}

/** Logarithm of the difficulty of an algorithm's next block. */
export const nextDifficulty = ({ own, since }: Difficulties, i: number, common: number): number =>
  (own[i] ?? 0) + common + RULE.step * (RULE.sharing - (since[i] ?? 1));

/** Puts a block on the chain: of the algorithm `hit`, or of none that counts (−1). Changes what it is given. */
export function acceptBlock(
  one: Difficulties,
  { hit, time_s, common }: Readonly<{ hit: number; time_s: number; common: number }>,
): void {
  if (hit >= 0) one.own[hit] = bounded(nextDifficulty(one, hit, common));
  for (let i = 0; i < one.since.length; i++) one.since[i] = i === hit ? 1 : (one.since[i] ?? 0) + 1;
  if (Math.abs(time_s - one.from_s) > FARTHEST_S) countFrom(one, time_s);
  one.times.push(time_s - one.from_s);
  if (one.times.length > RULE.median) one.times.shift();
  // As Bitcoin Core takes it: the upper middle of an even number.
  one.medians.push(medianOf(one.times) ?? 0);
  if (one.medians.length > RULE.window + 1) one.medians.shift();
}

function countFrom(one: Difficulties, fromS: number): void {
  const moved = fromS - one.from_s;
  one.from_s = fromS;
  one.times = one.times.map((time) => time - moved);
  one.medians = one.medians.map((median) => median - moved);
}

/** Begins the window of times anew: blocks are missing. */
export function forgetTimes(one: Difficulties): void {
  one.times.length = 0;
  one.medians.length = 0;
}

/** The difficulties as the node gives them, which are right where the headers were not all seen. */
export function asGiven(
  one: Difficulties,
  names: readonly string[],
  { given, spacingS }: Readonly<{ given: Readonly<Record<string, number>>; spacingS: number }>,
): Difficulties {
  const common = commonStep(one, spacingS);
  const { since, from_s, times, medians } = one;
  const own = [...one.own];
  const units = [...one.units];
  for (let i = 0; i < names.length; i++) {
    const name = names[i] ?? "";
    const difficulty = Object.hasOwn(given, name) ? given[name] : undefined;
    if (difficulty === undefined) continue;
    const logarithm = Math.log(difficulty);
    const unit = units[i] ?? null;
    const followed = nextDifficulty(one, i, common);
    if (unit === null) units[i] = followed - logarithm;
    else own[i] = bounded((own[i] ?? 0) + logarithm + unit - followed);
  }
  return { own, since, units, from_s, times, medians };
}

const bounded = (value: number): number => Math.max(-FARTHEST, Math.min(FARTHEST, value));
