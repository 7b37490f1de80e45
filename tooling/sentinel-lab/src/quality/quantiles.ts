/** Quantiles of a few numbers. */

/** Null where there are no numbers. */
export type Quantiles = { median: number | null; p95: number | null; worst: number | null };

/** Median, 95th percentile and maximum, each one of the numbers (the nearest rank). */
export function quantilesOf(values: readonly number[]): Quantiles {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (share: number): number | null =>
    sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
  return { median: rank(0.5), p95: rank(0.95), worst: rank(1) };
}
