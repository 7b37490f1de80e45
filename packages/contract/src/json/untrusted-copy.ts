/** Copies a value that may be hostile into plain data (contract v3, section 8). */
import { isExchangeable } from "./text.js";
import { bare, ownData } from "../internal/own.js";
import { boundedPointer, childPointer } from "./pointer.js";
import type { Result } from "../errors.js";
import { LIMITS } from "../limits.js";

/** How much `copyUntrusted` copies. */
export type PlainBounds = Readonly<{
  /** Containers inside each other. */
  maxDepth: number;
  /** Entries of one container. */
  maxEntries: number;
  /**
   * Values in all, default 512,000, which is more than any strict JSON text has: a small value that holds
   * its parts many times would make an endless copy.
   */
  maxValues?: number;
}>;

/** Where the copy is, and how many values it may still have. */
type Cursor = { path: string; left: number };

/**
 * Takes a private copy of `value`: plain objects and dense arrays of strings, numbers, booleans and
 * null. The objects of the copy have no prototype, so that an absent member is absent whatever
 * `Object.prototype` has. Refuses accessors without running them; ignores what a proxy throws.
 * Refuses objects of another realm (`node:vm`), whose prototypes are others.
 *
 * @param bounds for example `{ maxDepth: 8, maxEntries: 512 }`; more is not plain
 * @returns the copy, or the path of the first value that is not plain; never throws
 * @example copyUntrusted({ a: [1] }, { maxDepth: 2, maxEntries: 8 }) // { ok: true, value: { a: [1] } }
 */
export function copyUntrusted(value: unknown, bounds: PlainBounds): Result<unknown, "not_plain"> {
  const cursor: Cursor = { path: "", left: bounds.maxValues ?? LIMITS.maxPayloadBytes };
  try {
    return { ok: true, value: copy(value, { cursor, bounds, depth: 0 }) };
  } catch {
    return { ok: false, code: "not_plain", path: boundedPointer(cursor.path) };
  }
}

type Place = Readonly<{ cursor: Cursor; bounds: PlainBounds; depth: number }>;

function copy(value: unknown, place: Place): unknown {
  if (--place.cursor.left < 0) throw new NotPlain();
  switch (typeof value) {
    case "string":
      if (isExchangeable(value)) return value;
      throw new NotPlain();
    case "number":
    case "boolean":
      return value;
    case "object":
      return value === null ? null : copyContainer(value, place);
    default:
      throw new NotPlain();
  }
}

function copyContainer(value: object, place: Place): unknown {
  const { maxDepth, maxEntries } = place.bounds;
  const isArray = Array.isArray(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  const expected = isArray ? Array.prototype : Object.prototype;
  // Before its keys are listed, which takes time in proportion to their number.
  if (isArray && value.length > maxEntries) throw new NotPlain();
  const keys = Reflect.ownKeys(value);
  // An array owns its length besides its entries.
  const entries = isArray ? keys.length - 1 : keys.length;
  if (place.depth >= maxDepth || entries > maxEntries) throw new NotPlain();
  if (prototype !== expected && (isArray || prototype !== null)) throw new NotPlain();
  return isArray ? copyArray(value, entries, place) : copyObject(value, keys, place);
}

function copyArray(value: readonly unknown[], length: number, place: Place): unknown[] {
  if (value.length !== length) throw new NotPlain();
  return Array.from({ length }, (_, index) => copyMember(value, String(index), place));
}

function copyObject(value: object, keys: readonly PropertyKey[], place: Place): object {
  const result = bare();
  for (const key of keys) {
    if (typeof key !== "string" || !isExchangeable(key)) throw new NotPlain();
    result[key] = copyMember(value, key, place);
  }
  return result;
}

function copyMember(value: object, key: string, { cursor, bounds, depth }: Place): unknown {
  const parent = cursor.path;
  cursor.path = childPointer(parent, key);
  const property = key === "__proto__" ? undefined : ownData(value, key);
  if (property === undefined) throw new NotPlain();
  const member = copy(property.value, { cursor, bounds, depth: depth + 1 });
  cursor.path = parent;
  return member;
}

class NotPlain extends Error {}
