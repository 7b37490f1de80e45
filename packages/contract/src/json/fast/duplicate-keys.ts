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
  const counter = new ValueCounter(text.includes("\\u"));
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
class ValueCounter {
  readonly #checksStrings: boolean;
  keys = 0;
  strings = 0;
  /** Keys and strings that begin with a colon. */
  colonStarts = 0;
  isSound = true;

  constructor(checksStrings: boolean) {
    this.#checksStrings = checksStrings;
  }

  add(value: JsonValue, depth: number): void {
    switch (typeof value) {
      case "string":
        this.strings++;
        this.#text(value);
        break;
      case "number":
        if (!isExact(value)) this.isSound = false;
        break;
      case "object":
        if (value !== null) this.#container(value, depth + 1);
        break;
      default:
    }
  }

  #container(value: Exclude<JsonValue, string | number | boolean | null>, depth: number): void {
    if (depth > LIMITS.maxDepth) {
      this.isSound = false;
      return;
    }
    if (Array.isArray(value)) {
      for (const item of value) this.add(item, depth);
      return;
    }
    for (const key of Object.keys(value)) {
      this.keys++;
      this.#text(key);
      if (key === "__proto__") this.isSound = false;
      this.add(value[key] as JsonValue, depth);
    }
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
