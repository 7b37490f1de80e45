/** Canonical form: RFC 8785 (JCS) of a plain JSON value (contract v3, section 6). */
import { ContractError } from "./errors.js";
import { pointer } from "./internal/pointer.js";
import { LIMITS } from "./limits.js";

/**
 * The RFC 8785 canonical text of a plain value: keys in UTF-16 order, no white space, numbers as
 * ECMAScript writes them. It checks the value as strictly as `parseStrictJson` checks text.
 *
 * @param value plain objects and arrays, strings, booleans, null and finite numbers
 * @throws ContractError `not_plain` (accessor, class instance, sparse array, undefined, bigint,
 * function, symbol), `cycle`, `depth_exceeded`, `bad_number`, `lone_surrogate`, `forbidden_key`,
 * `payload_too_large`
 * @example canonicalize({ b: [1, 0.5], a: "x" }) // '{"a":"x","b":[1,0.5]}'
 */
export function canonicalize(value: unknown): string {
  const text = write(value, "", { ancestors: [], left: LIMITS.max_payload_bytes });
  if (text.length * 3 > LIMITS.max_payload_bytes && utf8Length(text) > LIMITS.max_payload_bytes) {
    throw tooLarge();
  }
  return text;
}

/**
 * What one canonicalization goes through: the containers around a value, and how many characters
 * may still be written. A small object that shares its parts can have an endless text.
 */
type Progress = { readonly ancestors: object[]; left: number };

const tooLarge = (): ContractError =>
  new ContractError("payload_too_large", "", "canonical form is too large");

function spend(progress: Progress, text: string): string {
  progress.left -= text.length;
  if (progress.left < 0) throw tooLarge();
  return text;
}

/** Length of a text in UTF-8 bytes; lone surrogates are refused elsewhere. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return bytes;
}

function write(value: unknown, path: string, progress: Progress): string {
  switch (typeof value) {
    case "string":
      return spend(progress, writeString(value, path));
    case "number":
      return spend(progress, writeNumber(value, path));
    case "boolean":
      return spend(progress, value ? "true" : "false");
    case "object":
      return value === null ? spend(progress, "null") : writeContainer(value, path, progress);
    default:
      throw new ContractError("not_plain", path, `a ${typeof value} is not JSON`);
  }
}

function writeString(value: string, path: string): string {
  if (!value.isWellFormed()) {
    throw new ContractError("lone_surrogate", path, "lone surrogate in a string");
  }
  return JSON.stringify(value);
}

function writeNumber(value: number, path: string): string {
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
    throw new ContractError("bad_number", path, `${value} is not an exact JSON number`);
  }
  return JSON.stringify(value);
}

function writeContainer(value: object, path: string, progress: Progress): string {
  const { ancestors } = progress;
  if (ancestors.includes(value)) throw new ContractError("cycle", path, "value contains itself");
  if (ancestors.length >= LIMITS.max_depth) {
    throw new ContractError("depth_exceeded", path, `deeper than ${LIMITS.max_depth}`);
  }
  ancestors.push(value);
  spend(progress, "[]");
  const text = Array.isArray(value)
    ? writeArray(value, path, progress)
    : writeObject(value, path, progress);
  ancestors.pop();
  return text;
}

function writeArray(value: unknown[], path: string, progress: Progress): string {
  const keys = Reflect.ownKeys(value);
  if (Object.getPrototypeOf(value) !== Array.prototype || keys.length !== value.length + 1) {
    throw new ContractError("not_plain", path, "not a plain, dense array");
  }
  const parts: string[] = [];
  for (let i = 0; i < value.length; i++) {
    const itemPath = pointer(path, i);
    parts.push(write(ownData(value, String(i), itemPath), itemPath, progress));
  }
  return `[${parts.join(",")}]`;
}

function writeObject(value: object, path: string, progress: Progress): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new ContractError("not_plain", path, "not a plain object");
  }
  const parts: string[] = [];
  for (const key of stringKeys(value, path).sort()) {
    const memberPath = pointer(path, key);
    if (key === "__proto__") {
      throw new ContractError("forbidden_key", memberPath, "__proto__ is not allowed as a key");
    }
    const name = spend(progress, writeString(key, memberPath));
    parts.push(`${name}:${write(ownData(value, key, memberPath), memberPath, progress)}`);
  }
  return `{${parts.join(",")}}`;
}

function stringKeys(value: object, path: string): string[] {
  return Reflect.ownKeys(value).map((key) => {
    if (typeof key === "string") return key;
    throw new ContractError("not_plain", path, "an object with a symbol as key is not plain");
  });
}

function ownData(value: object, key: string, path: string): unknown {
  const property = Object.getOwnPropertyDescriptor(value, key);
  if (property === undefined || !("value" in property) || property.enumerable !== true) {
    throw new ContractError("not_plain", path, "accessor, hidden or missing property");
  }
  return property.value;
}
