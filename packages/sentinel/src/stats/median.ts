/** The median of some numbers. */

/** Most that are sorted by insertion, which is then much faster than a general sort. */
const FEW = 32;

/**
 * The upper middle of some numbers.
 *
 * @param values no NaN among them
 * @returns undefined where there is none
 */
export function medianOf(values: readonly number[]): number | undefined {
  if (values.length > FEW) return values.toSorted((a, b) => a - b)[values.length >> 1];
  const sorted: number[] = [];
  for (const value of values) {
    let at = sorted.length;
    for (; at > 0 && (sorted[at - 1] as number) > value; at--) {
      sorted[at] = sorted[at - 1] as number;
    }
    sorted[at] = value;
  }
  return sorted[sorted.length >> 1];
}
