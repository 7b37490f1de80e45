/** Own properties of what comes from outside: nothing is read through a prototype, and no accessor runs. */

/** The value of an own data property; undefined where there is none. */
export function ownValue(object: object, key: string): unknown {
  const property = Object.getOwnPropertyDescriptor(object, key);
  return property !== undefined && Object.hasOwn(property, "value") ? property.value : undefined;
}

/** Checks whether a member of a union is the one with an own `key`; unlike `in`, ignores the prototype. */
export const has = <T extends object, K extends string>(
  value: T,
  key: K,
): value is Extract<T, Readonly<Record<K, unknown>>> => Object.hasOwn(value, key);

/** Checks whether a key names an own accessor. */
export function isAccessor(object: object, key: PropertyKey): boolean {
  const property = Object.getOwnPropertyDescriptor(object, key);
  return property !== undefined && !Object.hasOwn(property, "value");
}

/** Checks whether an object is a plain one: of no class, and with no prototype of its own. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** The own `code` of an error, as drivers and the system set it; empty where there is none. */
export function ownCode(error: unknown): string {
  if (typeof error !== "object" || error === null) return "";
  const code = ownValue(error, "code");
  return typeof code === "string" ? code : "";
}

/** Copies plain data without some of its members. */
export function omit<T extends object, K extends keyof T>(
  value: T,
  keys: readonly K[],
): Omit<T, K> {
  const copy: Partial<T> = { ...value };
  for (const key of keys) Reflect.deleteProperty(copy, key);
  return copy as Omit<T, K>;
}
