/**
 * Copies plain values with their keys in canonical order (RFC 8785), for JSON.stringify to write: it quotes
 * strings and writes numbers as RFC 8785 requires, and keys in the order in which they were added. Held
 * against `canonical-writer.ts` by tests and the fuzzer.
 */
import { isExchangeable } from "../text.js";
import type { JsonObject, JsonValue } from "../value.js";
import { isComplete, ValueCounter } from "./duplicate-keys.js";
import { LIMITS } from "../../limits.js";
import { isExact } from "../reader.js";
import { ownData, setOwn } from "../../internal/own.js";

/** Digits: JavaScript puts integer-like keys before all others, whenever they were added. */
const ZERO = 0x30;
const NINE = 0x39;

/** Most keys for an insertion sort, whose work grows with their square. */
const MOST_INSERTED = 16;

/**
 * Copies a value, reading each property once, as data.
 *
 * @returns undefined where the value is not plain, or where its copy could not keep the order of its
 * keys: the writer then decides
 */
export function sortedCopy(value: unknown): JsonValue | undefined {
  if (isToJsonDefined()) return undefined;
  return copyOf(value, { depth: 0, left: LIMITS.maxPayloadBytes });
}

/** Whether JSON.stringify would call an inherited `toJSON`; arrays inherit from objects. */
export const isToJsonDefined = (): boolean => Reflect.has(Array.prototype, "toJSON");

export const isDigit = (unit: number): boolean => unit >= ZERO && unit <= NINE;

/** How deep the copy is, and how many characters it may still grow by. */
type Room = { depth: number; left: number };

function copyOf(value: unknown, room: Room): JsonValue | undefined {
  switch (typeof value) {
    case "string":
      return (room.left -= value.length + 2) < 0 ? undefined : value;
    case "number":
      return --room.left >= 0 && isExact(value) ? value : undefined;
    case "boolean":
      return --room.left >= 0 ? value : undefined;
    case "object":
      if (value !== null) return copyContainer(value, room);
      return --room.left >= 0 ? null : undefined;
    default:
      return undefined;
  }
}

function copyContainer(value: object, room: Room): JsonValue | undefined {
  if (++room.depth > LIMITS.maxDepth || --room.left < 0) return undefined;
  const copy = Array.isArray(value) ? copyArray(value, room) : copyObject(value, room);
  room.depth--;
  return copy;
}

function copyArray(value: readonly unknown[], room: Room): JsonValue[] | undefined {
  const { length } = value;
  // Before its names are listed, which takes time in proportion to their number.
  if (length > room.left) return undefined;
  if (Object.getPrototypeOf(value) !== Array.prototype) return undefined;
  if (Object.getOwnPropertyNames(value).length !== length + 1) return undefined;
  const copy: JsonValue[] = [];
  for (let index = 0; index < length; index++) {
    const item = copyMember(value, index, room);
    if (item === undefined) return undefined;
    copy.push(item);
    // An accessor that arrays inherit took it.
    if (copy[index] !== item) return undefined;
  }
  return copy;
}

function copyObject(value: object, room: Room): JsonObject | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  const copy: JsonObject = {};
  for (const key of sortedKeys(Object.getOwnPropertyNames(value))) {
    if (isDigit(key.charCodeAt(0)) || key === "__proto__") return undefined;
    if ((room.left -= key.length) < 0) return undefined;
    const member = copyMember(value, key, room);
    if (member === undefined) return undefined;
    setOwn(copy, key, member);
  }
  return copy;
}

function copyMember(value: object, key: string | number, room: Room): JsonValue | undefined {
  const member = ownData(value, key);
  return member === undefined ? undefined : copyOf(member.value, room);
}

/** Sorts keys by UTF-16 units, in place. Insertion sort is fastest for few or nearly sorted keys. */
function sortedKeys(keys: string[]): string[] {
  if (keys.length > MOST_INSERTED) return keys.sort();
  for (let at = 1; at < keys.length; at++) {
    const key = keys[at] as string;
    let to = at;
    for (; to > 0 && (keys[to - 1] as string) > key; to--) keys[to] = keys[to - 1] as string;
    keys[to] = key;
  }
  return keys;
}

/** A value whose objects had their keys added in UTF-16 order, and whether they have them in that order. */
export type Sorted = Readonly<{ value: JsonValue; isInOrder: boolean }>;

/**
 * Copies what JSON.parse made of a text, with sorted keys. JavaScript puts integer-like keys first, whenever they
 * were added.
 *
 * @returns undefined where the text is not strict, or may not be: the reader then decides
 */
export function sortedStrict(text: string, value: JsonValue): Sorted | undefined {
  if (!isExchangeable(text)) return undefined;
  const sorter = new Sorter(text);
  const sorted = sorter.sort(value, 0);
  if (!sorter.counter.isSound || !isComplete(text, sorter.counter)) return undefined;
  return { value: sorted, isInOrder: sorter.isInOrder };
}

/** Copies a strict value with sorted keys. */
export function sortedValue(value: JsonValue): Sorted {
  const sorter = new Sorter("");
  return { value: sorter.sort(value, 0), isInOrder: sorter.isInOrder };
}

/** The keys of objects of one shape, in the order of the text and in canonical order. */
type Shape = Readonly<{
  keys: readonly string[];
  sorted: readonly string[];
  /** Whether none is inherited, so that it can be assigned. */
  isAssignable: boolean;
}>;

class Sorter {
  readonly counter: ValueCounter;
  isInOrder = true;
  /** The last shape that begins with a key: most objects of a list have one shape. */
  readonly #shapes = new Map<string | undefined, Shape>();

  constructor(text: string) {
    this.counter = new ValueCounter(text);
  }

  sort(value: JsonValue, depth: number): JsonValue {
    if (typeof value !== "object" || value === null) {
      this.counter.scalar(value);
      return value;
    }
    if (!this.counter.enter(depth)) return value;
    return Array.isArray(value) ? this.#items(value, depth + 1) : this.#members(value, depth + 1);
  }

  #items(value: readonly JsonValue[], depth: number): JsonValue[] {
    return value.map((item) => this.sort(item, depth));
  }

  #members(value: JsonObject, depth: number): JsonObject {
    const { sorted, isAssignable } = this.#shapeOf(Object.keys(value));
    const copy: JsonObject = {};
    for (const key of sorted) {
      this.counter.key(key);
      const member = this.sort(value[key] as JsonValue, depth);
      if (isAssignable) copy[key] = member;
      else setOwn(copy, key, member);
    }
    return copy;
  }

  #shapeOf(keys: readonly string[]): Shape {
    const known = this.#shapes.get(keys[0]);
    if (known !== undefined && isSame(known.keys, keys)) return known;
    const sorted = sortedKeys([...keys]);
    if (keys.some((key) => isDigit(key.charCodeAt(0)))) this.isInOrder = false;
    const isAssignable = !keys.some((key) => Reflect.has(Object.prototype, key));
    const shape = { keys, sorted, isAssignable };
    this.#shapes.set(keys[0], shape);
    return shape;
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
