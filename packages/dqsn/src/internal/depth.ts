/** Nesting of plain JSON. */

/** Measures the depth of a value: 0 for a scalar, 1 for an array or object of scalars. Bounded by the strict parser. */
export function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let deepest = 0;
  const parts = Array.isArray(value) ? value : Object.values(value);
  for (const part of parts as unknown[]) {
    if (typeof part === "object") deepest = Math.max(deepest, depthOf(part));
  }
  return deepest + 1;
}
