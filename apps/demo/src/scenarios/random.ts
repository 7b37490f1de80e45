/** Seeded randomness: the same seed gives the same scenario on any machine. */
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** A seeded source of whole numbers. */
export type Random = {
  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number;
};

/** The source for one seed. */
export function createRandom(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  return { integer: (low, high) => uniformInt(generator, low, high) };
}

/** One of `items`, each as likely as the others. */
export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[random.integer(0, items.length - 1)];
  if (item === undefined) throw new RangeError("nothing to pick from");
  return item;
}

/** `count` different whole numbers from `low` to `high`, but none of `taken`, in order. */
export function sample(
  random: Random,
  count: number,
  { low, high, taken }: { low: number; high: number; taken: ReadonlySet<number> },
): number[] {
  const found = new Set<number>();
  while (found.size < count) {
    const candidate = random.integer(low, high);
    if (!taken.has(candidate)) found.add(candidate);
  }
  return [...found].sort((a, b) => a - b);
}

/**
 * Times of `count` blocks after `from` up to and with `to`, as a Poisson process has them once its
 * end and its number are known: uniform, in order, the last at `to`.
 *
 * @param from seconds
 * @param to seconds
 */
export function arrivals(random: Random, count: number, from: number, to: number): number[] {
  const inner = Array.from({ length: count - 1 }, () => random.integer(from + 1, to));
  return [...inner.sort((a, b) => a - b), to];
}
