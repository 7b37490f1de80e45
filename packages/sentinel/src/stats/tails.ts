/** Tail probabilities of the binomial and the Poisson distribution. */

/** Terms that are summed: past the mean they shrink at once. */
const TERMS = 200;

/**
 * Probability of at least `count` events where `mean` are expected.
 *
 * @param count a whole number, at least 0
 * @param mean at least 0, below 50
 */
export function poissonTail(count: number, mean: number): number {
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
