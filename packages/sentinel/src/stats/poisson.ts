/** The upper tail of a Poisson distribution. */

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
