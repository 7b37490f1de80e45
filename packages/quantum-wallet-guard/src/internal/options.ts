/** Reads options: own members of a plain object, each one of a list. */
import { boundedPointer } from "@dgb-shield/contract";
import { QwgError } from "../errors.js";

/**
 * Copies options into an object without a prototype.
 *
 * @param options a plain object
 * @param names all options that there are
 * @throws QwgError `invalid_options` for what is no plain object, an accessor, or an unknown name
 */
export function readOptions<T extends object>(
  options: T,
  names: readonly (keyof T & string)[],
): Partial<T> {
  if (!isPlainObject(options)) {
    throw new QwgError("invalid_options", "", "give the options as a plain object");
  }
  const own = Object.create(null) as Record<string, unknown>;
  for (const key of Reflect.ownKeys(options)) {
    const name = names.find((option) => option === key);
    if (name === undefined) throw invalidOption(key, `remove it; known are ${names.join(", ")}`);
    const property = Object.getOwnPropertyDescriptor(options, name);
    if (property === undefined || !Object.hasOwn(property, "value")) {
      throw invalidOption(key, "give it as a value, without an accessor");
    }
    own[name] = property.value;
  }
  return own as Partial<T>;
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const invalidOption = (key: PropertyKey, detail: string): QwgError =>
  new QwgError("invalid_options", boundedPointer(`/${String(key)}`), detail);
