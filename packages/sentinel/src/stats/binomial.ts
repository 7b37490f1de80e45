/** The lower tail of a binomial distribution. */

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
