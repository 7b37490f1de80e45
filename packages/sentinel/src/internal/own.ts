/** Members of objects from outside, never through `Object.prototype`. */

/** A member that an object has itself; undefined where it has none. @throws what an accessor throws */
export const ownMember = (value: object, key: string): unknown =>
  Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;

/** A member that an object or its class has; what every object inherits is none. */
export function memberOf(value: unknown, key: string): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null)
    return undefined;
  for (let holder: object | null = value; holder !== null;) {
    if (holder === Object.prototype) return undefined;
    if (Object.hasOwn(holder, key)) return Reflect.get(value, key);
    holder = Object.getPrototypeOf(holder) as object | null;
  }
  return undefined;
}

/** A copy of an object's own members without a prototype: an absent one is absent whatever objects inherit. */
export const ownMembers = <T extends object>(value: T): T =>
  Object.assign<object, T>(Object.create(null) as object, value);

/** Whether a member of a union is the one with an own `key`; unlike `in`, ignores the prototype. */
export const has = <T extends object, K extends string>(
  value: T,
  key: K,
): value is Extract<T, Readonly<Record<K, unknown>>> => Object.hasOwn(value, key);
