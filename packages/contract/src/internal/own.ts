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
 * Checks whether reading an object by some names, or listing its members, gives the same as reading {@link ownMembers} of it: it is
 * plain, hides none of its members, and none of the names is inherited. Such an object needs no copy.
 */
export function hasOwnMembersAlone(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  // What `Object.prototype` was given to be listed would be listed of every object.
  if (Object.keys(Object.prototype).length > 0) return false;
  if (names.some((name) => Reflect.has(Object.prototype, name))) return false;
  const own = Object.getOwnPropertyNames(value);
  return own.length === Object.keys(value).length && !own.includes("__proto__");
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

/** Whether a value is the variant of its type that has a member of its own under `key`. */
export const isVariant = <T extends object, K extends string>(
  value: T,
  key: K,
): value is Extract<T, Readonly<Record<K, unknown>>> => Object.hasOwn(value, key);

/** A member that an object has itself; undefined where it has none. */
export const ownMember = (value: object, key: string): unknown =>
  Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;

/**
 * What an object has under a key as data of its own: no accessor is run, and a hidden member is none.
 *
 * @returns the value in a box; undefined where there is none
 */
export function ownData(value: object, key: PropertyKey): Readonly<{ value: unknown }> | undefined {
  const property = Object.getOwnPropertyDescriptor(value, key);
  // A descriptor is an object itself, and inherits.
  if (property?.enumerable !== true || !Object.hasOwn(property, "value")) return undefined;
  return property as Readonly<{ value: unknown }>;
}

/** Gives an object a member of its own, also where it inherits one that cannot be written. */
export function setOwn(object: object, key: string, value: unknown): void {
  if (Reflect.has(object, key)) {
    Object.defineProperty(object, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else {
    (object as Record<string, unknown>)[key] = value;
  }
}
