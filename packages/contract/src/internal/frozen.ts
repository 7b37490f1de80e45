/** Constants that no importer can change. */

/**
 * Freezes a constant with everything in it.
 *
 * @param value plain objects and arrays, one inside the other, without cycles
 * @returns the same value
 * @example frozen(["a", "b"]) // readonly ["a", "b"]
 */
export function frozen<const T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const key of Reflect.ownKeys(value)) frozen(Reflect.get(value, key));
  return Object.freeze(value);
}
