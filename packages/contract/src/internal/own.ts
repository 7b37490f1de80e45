/** Own properties: what a value has itself, without what it inherits. */

/** An object without a prototype, so that an absent member is absent whatever `Object.prototype` has. */
export const bare = (): Record<string, unknown> => Object.create(null) as Record<string, unknown>;

/**
 * Copies the own enumerable members of an object into an object without a prototype.
 *
 * @param value anything
 * @returns the copy, whose members are the same ones; arrays, primitives and objects that have no
 * prototype already as they are
 * @throws what an accessor or a proxy throws
 */
export function ownMembers(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  if (Object.getPrototypeOf(value) === null) return value;
  const own = bare();
  for (const key of Object.keys(value)) {
    own[key] = (value as Readonly<Record<string, unknown>>)[key];
  }
  return own;
}

/**
 * Copies plain objects and arrays deeply, objects without a prototype.
 *
 * @param value a value without cycles; class instances in it stay as they are
 */
export function withoutPrototypes<T>(value: T): T {
  return copyOf(value) as T;
}

function copyOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  const own = bare();
  for (const key of Object.keys(value)) {
    own[key] = copyOf((value as Readonly<Record<string, unknown>>)[key]);
  }
  return own;
}
