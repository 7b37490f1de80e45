/** Makes random inputs that can be repeated: the same seed gives the same sequence on every machine. */

/** A seeded source of random numbers. */
export type Random = Readonly<{
  /** A number from 0 to below 1. */
  next(): number;
  /** A whole number from 0 to `limit` − 1. */
  below(limit: number): number;
  /** One of `items`, each as likely as the others; there must be one. */
  pick<T>(items: readonly T[]): T;
  /** True once in `times` calls on average. */
  oneIn(times: number): boolean;
}>;

/**
 * Makes a generator (mulberry32). It is written out here, because tests and fuzzers name seeds: the next version of
 * a library must not change what they stand for.
 *
 * @param seed a whole number; its lower 32 bits count
 * @example createRandom(1).below(6)
 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return Object.freeze({
    next,
    below,
    pick: <T>(items: readonly T[]): T => items[below(items.length)] as T,
    oneIn: (times: number) => below(times) === 0,
  });
}
