/** Exact confidence intervals of the mean of a Poisson count (Garwood, 1936). */

/** Half of what lies outside a 95 % interval. */
const TAIL = 0.025;
const STEPS = 60;

/** An interval of a rate. */
export type Interval = { low: number; high: number };

/**
 * The exact 95 % interval of the mean behind a count.
 *
 * @param count a whole number, 0 to 1,000,000
 * @example poissonInterval(0) // { low: 0, high: 3.689 }: of a rate of 0 nothing is shown but that it is small
 */
export function poissonInterval(count: number): Interval {
  return {
    low: count === 0 ? 0 : meanWhere((mean) => 1 - below(count - 1, mean) < TAIL, count),
    high: meanWhere((mean) => below(count, mean) > TAIL, count),
  };
}

/** The mean at which a condition that holds for small means ends, by halving. */
function meanWhere(holds: (mean: number) => boolean, count: number): number {
  let low = 0;
  let high = count + 10 * Math.sqrt(count + 1) + 10;
  for (let i = 0; i < STEPS; i++) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Probability of at most so many. */
function below(count: number, mean: number): number {
  let logarithm = -mean;
  let sum = Math.exp(logarithm);
  for (let i = 1; i <= count; i++) {
    logarithm += Math.log(mean / i);
    sum += Math.exp(logarithm);
  }
  return Math.min(1, sum);
}
