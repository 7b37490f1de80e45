/** Tail probabilities of the binomial and the Poisson distribution, that of a rate that varies too. */

/** Terms that are summed: past the mean they shrink at once. */
const TERMS = 200;

/**
 * Probability of at least `count` events where `mean` are expected.
 *
 * @param count a whole number, at least 0
 * @param mean at least 0; above 50 all counts up to it have the probability 1, an upper bound
 */
export function poissonTail(count: number, mean: number): number {
  // Where exp(−mean) would be too small to sum from.
  if (mean > 50) return count <= mean ? 1 : Math.exp(count - mean - count * Math.log(count / mean));
  let term = Math.exp(-mean);
  for (let i = 1; i <= count; i++) term *= mean / i;
  let sum = 0;
  for (let i = count + 1; i <= count + TERMS; i++) {
    sum += term;
    term *= mean / i;
  }
  return Math.min(1, sum);
}

/**
 * Probability of at most `most` successes in `trials`.
 *
 * @param probability of one success, above 0, below 1
 */
export function binomialTail(most: number, trials: number, probability: number): number {
  let term = (1 - probability) ** trials;
  let sum = 0;
  for (let k = 0; k <= Math.min(most, trials); k++) {
    sum += term;
    term *= ((trials - k) / (k + 1)) * (probability / (1 - probability));
  }
  return Math.min(1, sum);
}

/**
 * Probability of at most `most` events where `mean` are expected of a process whose rate varies by a gamma
 * distribution (negative binomial).
 *
 * @param mean above 0
 * @param variance of the rate over its squared mean, at least 0; 0: Poisson
 * @returns 0 where it is too small to differ from it
 */
export function mixedPoissonHead(most: number, mean: number, variance: number): number {
  let term = variance === 0 ? Math.exp(-mean) : Math.exp(-Math.log1p(variance * mean) / variance);
  let sum = 0;
  for (let k = 0; k <= most; k++) {
    sum += term;
    // At a variance of 0 this is mean / (k + 1).
    term *= (mean * (1 + variance * k)) / ((k + 1) * (1 + variance * mean));
  }
  return Math.min(1, sum);
}
