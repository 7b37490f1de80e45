/**
 * Detects duplicate keys by counting, without a second reading of the text token by token: JSON.parse
 * checks the grammar and is fast, but drops them. Held against `reader.ts` by tests and the fuzzer.
 */
import type { JsonValue } from "../value.js";
import { LIMITS } from "../../limits.js";
import { isExchangeable } from "../text.js";
import { isExact } from "../reader.js";

const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const SPACE = 0x20;

/** Counts of a value: its keys, its strings, and keys and strings that begin with a colon. */
export type Counts = Readonly<{ keys: number; strings: number; colonStarts: number }>;

/**
 * Whether a text that JSON.parse accepts is strict JSON.
 *
 * @param value what JSON.parse made of `text`
 * @returns false where the text is not strict, or may not be: the reader then decides
 */
export function isStrict(text: string, value: JsonValue): boolean {
  if (!isExchangeable(text)) return false;
  const counter = new ValueCounter(text);
  counter.add(value, 0);
  return counter.isSound && isComplete(text, counter);
}

/**
 * Whether all keys of a text are in the value that JSON.parse made of it: a missing one was a duplicate.
 *
 * Without a backslash in the text, and with no white space before a colon, a colon right after a
 * quote ends a key or begins a string, so that such colons are as many as keys and strings that begin
 * with a colon. In any other text, unescaped quotes are twice as many as keys and strings.
 */
export function isComplete(text: string, { keys, strings, colonStarts }: Counts): boolean {
  const colons = text.includes("\\") ? undefined : countKeyColons(text);
  return colons === keys + colonStarts || countQuotes(text) === 2 * (keys + strings);
}

/** Counts keys and strings of a value, and checks depth, numbers, keys and, on request, strings. */
export class ValueCounter {
  readonly #checksStrings: boolean;
  keys = 0;
  strings = 0;
  /** Keys and strings that begin with a colon. */
  colonStarts = 0;
  isSound = true;

  /** @param text of the value; only an escape can put into a string what the text does not have itself */
  constructor(text: string) {
    this.#checksStrings = text.includes("\\u");
  }

  /** Counts a value with everything in it; `depth` containers are around it. */
  add(value: JsonValue, depth: number): void {
    if (typeof value !== "object" || value === null) this.scalar(value);
    else if (!this.enter(depth)) return;
    else if (Array.isArray(value)) for (const item of value) this.add(item, depth + 1);
    else {
      for (const key of Object.keys(value)) {
        this.key(key);
        this.add(value[key] as JsonValue, depth + 1);
      }
    }
  }

  /** Whether one more container may stand inside `depth` others. */
  enter(depth: number): boolean {
    if (depth < LIMITS.maxDepth) return true;
    this.isSound = false;
    return false;
  }

  scalar(value: string | number | boolean | null): void {
    if (typeof value === "string") {
      this.strings++;
      this.#text(value);
    } else if (typeof value === "number" && !isExact(value)) this.isSound = false;
  }

  key(key: string): void {
    this.keys++;
    this.#text(key);
    if (key === "__proto__") this.isSound = false;
  }

  #text(text: string): void {
    if (text.charCodeAt(0) === COLON) this.colonStarts++;
    if (this.#checksStrings && !isExchangeable(text)) this.isSound = false;
  }
}

/** Colons right after a quote; undefined where white space stands before a colon. */
function countKeyColons(text: string): number | undefined {
  let count = 0;
  for (let at = text.indexOf(":"); at >= 0; at = text.indexOf(":", at + 1)) {
    const before = text.charCodeAt(at - 1);
    if (before === QUOTE) count++;
    else if (before <= SPACE) return undefined;
  }
  return count;
}

/** Quotes that no backslash escapes; in JSON, backslashes stand in strings alone. */
function countQuotes(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) count++;
    else if (unit === BACKSLASH) at++;
  }
  return count;
}
