/** Reads own properties of options that come from outside. */

/**
 * Reads a member that an object has itself.
 *
 * @returns undefined where it has none, and for anything but an object
 */
export function ownOf<T extends object, K extends keyof T & string>(
  value: T | undefined,
  key: K,
): T[K] | undefined {
  if (typeof value !== "object" || (value as T | null) === null) return undefined;
  return Object.hasOwn(value, key) ? value[key] : undefined;
}
