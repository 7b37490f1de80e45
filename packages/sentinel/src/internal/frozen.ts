/** Constants that no importer can change. */

/**
 * Freezes plain objects and arrays with everything in them.
 *
 * @returns the same value
 */
export function deepFrozen<const T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const key of Reflect.ownKeys(value)) deepFrozen(Reflect.get(value, key));
  return Object.freeze(value);
}
