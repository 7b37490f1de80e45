/** Reproducible randomness: a 32-bit generator (mulberry32) and picks from it. */
export type Random = Readonly<{
  /** 0 to below 1. */
  next(): number;
  below(limit: number): number;
  pick<T>(values: readonly T[]): T;
  /** True once in `n` calls. */
  oneIn(n: number): boolean;
}>;

/** A generator; the same seed gives the same sequence. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    pick: <T>(values: readonly T[]) => values[below(values.length)] as T,
    oneIn: (n) => below(n) === 0,
  };
}
