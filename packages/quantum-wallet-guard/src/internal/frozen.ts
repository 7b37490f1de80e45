/** Freezes values deeply, so that no holder can change them. */

/**
 * Freezes a value and everything that it owns.
 *
 * @param value plain data without cycles
 * @returns the same value
 */
export function frozen<const T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
