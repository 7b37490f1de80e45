/** Nesting of plain JSON. */

/** Depth of a value: 0 for a scalar, 1 for an array or object of scalars. Bounded by the strict parser. */
export function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Object.values(value).reduce<number>((most, item) => Math.max(most, depthOf(item)), 0);
}
