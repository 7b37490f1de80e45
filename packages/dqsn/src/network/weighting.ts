/** Votes and their weighted median or mean, in integers of 10⁻⁶ (DQSN v2, section 2). */

/** One operator's say in a channel: its worst severity and its weight, both in 10⁻⁶. */
export type Vote = Readonly<{ severity: number; weight: number }>;

/**
 * The upper weighted median: the highest severity that at least half the weight reaches. Whoever
 * holds less than half the weight can push it neither above nor below all other votes; an even
 * split gives the worse half.
 *
 * @param votes in any order
 * @returns a severity in 10⁻⁶; 0 for no votes
 */
export function weightedMedian(votes: readonly Vote[]): number {
  const total = votes.reduce((sum, { weight }) => sum + weight, 0);
  let reached = 0;
  for (const { severity, weight } of [...votes].sort((a, b) => b.severity - a.severity)) {
    reached += weight;
    if (2 * reached >= total) return severity;
  }
  return 0;
}

/**
 * The weighted mean, rounded up.
 *
 * @param votes in any order
 * @returns a severity in 10⁻⁶; 0 for no votes
 */
export function weightedMean(votes: readonly Vote[]): number {
  let weights = 0n;
  let sum = 0n;
  for (const { severity, weight } of votes) {
    weights += BigInt(weight);
    sum += BigInt(severity) * BigInt(weight);
  }
  return weights === 0n ? 0 : Number((sum + weights - 1n) / weights);
}
