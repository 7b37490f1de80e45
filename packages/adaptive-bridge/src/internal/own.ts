/** Reads objects from outside by their own properties alone: what a prototype has is not theirs. */

/** The own enumerable members of `value`, each read once, in an object without a prototype. */
export function ownOf<T extends object>(value: object): Partial<T> {
  return Object.assign(Object.create(null) as Partial<T>, value);
}

/**
 * A member of an object that may be an instance of a class, or a proxy: its own, or one of its class. What
 * `Object.prototype` has does not count.
 */
export function memberOf(value: object, key: string): unknown {
  const members = value as Record<string, unknown>;
  if (!Object.hasOwn(Object.prototype, key)) return members[key];
  for (let holder: object | null = value; holder !== null && holder !== Object.prototype;) {
    if (Object.hasOwn(holder, key)) return members[key];
    holder = Object.getPrototypeOf(holder) as object | null;
  }
  return undefined;
}
