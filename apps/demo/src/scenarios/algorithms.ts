/** Which algorithm finds the next block of a simulated chain, where each one's difficulty follows as MultiShield has it. */
import type { Random } from "./random.js";

/** A block moves its algorithm's difficulty by this factor for each block that it came sooner than every fifth. */
const STEP = 1.04;
const SHARING = 5;

/** Weights are whole numbers, so that a scenario is the same on any machine. */
const SCALE = 1_000_000;

/** Farthest that a difficulty goes from its usual one, in steps. */
const FARTHEST = 60;

/** Finds the algorithms of a chain's blocks, one after the other. */
export type Algorithms = Readonly<{
  /** Bits of the next block's algorithm. */
  next(random: Random): number;
  /** A block of another algorithm than these. */
  skip(): void;
  /** The same for a branch that parts here. */
  copy(): Algorithms;
}>;

/** Algorithms of equal hash rate. */
export const createAlgorithms = (bits: readonly number[]): Algorithms =>
  algorithmsOf(
    bits,
    bits.map(() => 0),
    bits.map((_, i) => i + 1),
  );

/**
 * @param own difficulties at each algorithm's last block, in steps off the usual one
 * @param since blocks since then, the next one included
 */
function algorithmsOf(bits: readonly number[], own: number[], since: number[]): Algorithms {
  const steps = (i: number): number => (own[i] ?? 0) + SHARING - (since[i] ?? 1);
  const count = (hit: number): void => {
    if (hit >= 0) own[hit] = Math.max(-FARTHEST, Math.min(FARTHEST, steps(hit)));
    since.forEach((blocks, i) => (since[i] = i === hit ? 1 : blocks + 1));
  };
  return {
    next(random) {
      const weights = bits.map((_, i) => Math.max(1, Math.round(SCALE / power(steps(i)))));
      let left = random.integer(
        1,
        weights.reduce((sum, weight) => sum + weight, 0),
      );
      const hit = weights.findIndex((weight) => (left -= weight) <= 0);
      count(hit);
      return bits[hit] ?? 0;
    },
    skip: () => count(-1),
    copy: () => algorithmsOf(bits, [...own], [...since]),
  };
}

/** A power of the step, by multiplication alone. */
function power(exponent: number): number {
  let value = 1;
  for (let i = 0; i < Math.abs(exponent); i++) value *= STEP;
  return exponent < 0 ? 1 / value : value;
}
