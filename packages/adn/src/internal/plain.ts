/** Takes a private, plain copy of a value that may be hostile (contract v3, section 8). */
import { LIMITS } from "@dgb-shield/contract";

/** A value that was read, or the JSON Pointer of what could not be. */
export type Read<T> = Readonly<{ ok: true; value: T } | { ok: false; path: string }>;

const MAX_DEPTH = 8;
const MAX_ENTRIES = 512;

type Cursor = { path: string };

/**
 * A copy of `value` that nobody else can change: plain objects and dense arrays of strings,
 * numbers, booleans and null. Accessors are refused and never run; whatever a proxy throws is caught
 * unseen.
 *
 * @returns the copy, or the path of the first value that is not plain
 */
export function readPlain(value: unknown): Read<unknown> {
  const cursor: Cursor = { path: "" };
  try {
    return { ok: true, value: copy(value, cursor, 0) };
  } catch {
    return { ok: false, path: boundedPath(cursor.path) };
  }
}

/** A path that is short and well formed, whatever the key in it was. */
export const boundedPath = (path: string): string =>
  path.slice(0, LIMITS.max_error_path_length).toWellFormed();

function copy(value: unknown, cursor: Cursor, depth: number): unknown {
  switch (typeof value) {
    case "string":
      if (value.isWellFormed()) return value;
      throw new NotPlain();
    case "number":
    case "boolean":
      return value;
    case "object":
      return value === null ? null : copyContainer(value, cursor, depth);
    default:
      throw new NotPlain();
  }
}

function copyContainer(value: object, cursor: Cursor, depth: number): unknown {
  const isArray = Array.isArray(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  const expected = isArray ? Array.prototype : Object.prototype;
  const keys = Reflect.ownKeys(value);
  if (depth >= MAX_DEPTH || keys.length > MAX_ENTRIES) throw new NotPlain();
  if (prototype !== expected && (isArray || prototype !== null)) throw new NotPlain();
  return isArray
    ? copyArray(value, keys.length - 1, { cursor, depth })
    : copyObject(value, keys, { cursor, depth });
}

type Place = Readonly<{ cursor: Cursor; depth: number }>;

function copyArray(value: readonly unknown[], length: number, place: Place): unknown[] {
  if (value.length !== length) throw new NotPlain();
  return Array.from({ length }, (_, index) => copyMember(value, String(index), place));
}

function copyObject(value: object, keys: readonly PropertyKey[], place: Place): object {
  const result: Record<string, unknown> = {};
  for (const key of keys) {
    if (typeof key !== "string" || !key.isWellFormed()) throw new NotPlain();
    result[key] = copyMember(value, key, place);
  }
  return result;
}

function copyMember(value: object, key: string, { cursor, depth }: Place): unknown {
  const parent = cursor.path;
  cursor.path = `${parent}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  const property = key === "__proto__" ? undefined : Object.getOwnPropertyDescriptor(value, key);
  if (property?.enumerable !== true || !("value" in property)) throw new NotPlain();
  const member = copy(property.value, cursor, depth + 1);
  cursor.path = parent;
  return member;
}

class NotPlain extends Error {}
