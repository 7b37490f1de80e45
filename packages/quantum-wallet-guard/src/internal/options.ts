/** Options of this package's functions: own, plain, and known by name. */
import { boundedPointer } from "@dgb-shield/contract";
import { QwgError } from "../errors.js";

/**
 * Copies options into an object without a prototype.
 *
 * @param options what the caller gave
 * @param known every option there is
 * @throws QwgError `invalid_options` for what is no plain object, an accessor, or an unknown name
 */
export function readOptions<T extends object>(
  options: T,
  known: readonly (keyof T & string)[],
): Partial<T> {
  if (!isPlainObject(options)) {
    throw new QwgError("invalid_options", "", "give the options as a plain object");
  }
  const own = Object.create(null) as Record<string, unknown>;
  for (const key of Reflect.ownKeys(options)) {
    const name = known.find((option) => option === key);
    if (name === undefined) throw refused(key, `remove it; known are ${known.join(", ")}`);
    const property = Object.getOwnPropertyDescriptor(options, name);
    if (property === undefined || !Object.hasOwn(property, "value")) {
      throw refused(key, "give it as a value, without an accessor");
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

const refused = (key: PropertyKey, detail: string): QwgError =>
  new QwgError("invalid_options", boundedPointer(`/${String(key)}`), detail);
