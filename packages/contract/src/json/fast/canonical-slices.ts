/**
 * Recognises text that is in canonical form (RFC 8785) already, and finds the items of a list in it:
 * walks the parsed value and checks that each token begins and ends where the one before requires.
 * What it does not recognise is left to the writer. Held against both authorities by tests and the fuzzer.
 */
import type { JsonObject, JsonValue } from "../value.js";
import { LIMITS } from "../../limits.js";
import { isExchangeable } from "../text.js";
import { isExact } from "../reader.js";
import { isDigit } from "./canonical-copy.js";
import { isComplete } from "./duplicate-keys.js";

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const BIG_E = 0x45;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const SMALL_E = 0x65;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const MAX_DEPTH = LIMITS.maxDepth;

/** Decimals of up to 15 significant digits round-trip through a double, so they are already shortest. */
const MOST_DIGITS = 15;

/** Below, ECMAScript writes an exponent. */
const SMALLEST_WITHOUT_EXPONENT = 1e-6;

/** The escape of a surrogate, and of a backslash before `ud`; canonical form escapes no pair and no noncharacter. */
const SURROGATE_ESCAPE = "\\ud";

/**
 * Where the items of a list stand in a text that is strict and canonical.
 *
 * A text without duplicate keys gives an object its keys in the order of the text, unless one begins
 * with a digit: JavaScript puts integer-like keys first. In that order each token begins where the one
 * before has ended, if there is no white space; and a string without escapes is as long in the text as
 * in the value. With duplicate keys the matcher may run out of step: its result counts only where
 * all keys of the text are in the value.
 *
 * @param text a text that JSON.parse accepts
 * @param value what JSON.parse made of it
 * @param list the key of the top-level array whose items are wanted
 * @returns begin and end of each item in turn; undefined where the text is not strict or not
 * canonical, or may not be (a key begins with a digit, or a string holds `\ud`)
 */
export function canonicalSlices(
  text: string,
  value: JsonValue,
  list: string,
): readonly number[] | undefined {
  const matcher = new CanonicalMatcher(text, list);
  // The characters last: texts in another order are recognised before all of them are read.
  const isProven =
    matcher.isCanonical(value) &&
    !text.includes(SURROGATE_ESCAPE) &&
    isExchangeable(text) &&
    isComplete(text, matcher);
  return isProven ? matcher.slices : undefined;
}

class CanonicalMatcher {
  readonly #text: string;
  readonly #list: string;
  readonly #hasEscapes: boolean;
  readonly slices: number[] = [];
  keys = 0;
  strings = 0;
  colonStarts = 0;
  #at = 0;
  #isInList = false;

  constructor(text: string, list: string) {
    this.#text = text;
    this.#list = list;
    this.#hasEscapes = text.includes("\\");
  }

  isCanonical(value: JsonValue): boolean {
    return this.#value(value, 0) && this.#at === this.#text.length;
  }

  /** Matches a value that stands inside `depth` containers. */
  #value(value: JsonValue, depth: number): boolean {
    if (typeof value === "string") {
      this.strings++;
      return this.#string(value);
    }
    if (typeof value === "number") return this.#number(value);
    if (typeof value === "boolean") return this.#word(value ? "true" : "false");
    if (value === null) return this.#word("null");
    if (depth >= MAX_DEPTH) return false;
    return Array.isArray(value) ? this.#items(value, depth + 1) : this.#members(value, depth + 1);
  }

  #items(value: readonly JsonValue[], depth: number): boolean {
    if (!this.#take(OPEN_BRACKET)) return false;
    const isList = depth === 2 && this.#isInList;
    for (let i = 0; i < value.length; i++) {
      if (i > 0 && !this.#take(COMMA)) return false;
      const begin = this.#at;
      if (!this.#value(value[i] as JsonValue, depth)) return false;
      if (isList) this.slices.push(begin, this.#at);
    }
    return this.#take(CLOSE_BRACKET);
  }

  #members(value: JsonObject, depth: number): boolean {
    if (!this.#take(OPEN_BRACE)) return false;
    let previous: string | undefined;
    let previousFirst = NaN;
    for (const key of Object.keys(value)) {
      const first = key.charCodeAt(0);
      if (isDigit(first) || key === "__proto__") return false;
      if (previous !== undefined) {
        // Most keys differ in their first character, which is quicker to compare.
        if (!(first > previousFirst || previous < key) || !this.#take(COMMA)) return false;
      }
      this.keys++;
      if (!this.#string(key) || !this.#take(COLON)) return false;
      if (depth === 1) this.#isInList = key === this.#list;
      if (!this.#value(value[key] as JsonValue, depth)) return false;
      previous = key;
      previousFirst = first;
    }
    return this.#take(CLOSE_BRACE);
  }

  #string(value: string): boolean {
    if (value.charCodeAt(0) === COLON) this.colonStarts++;
    if (this.#hasEscapes) return this.#word(JSON.stringify(value));
    const end = this.#at + value.length + 1;
    const isThere =
      this.#text.charCodeAt(this.#at) === QUOTE && this.#text.charCodeAt(end) === QUOTE;
    this.#at = end + 1;
    return isThere;
  }

  /** Recognises a common number by its digits, which is quicker than to write it and compare. */
  #number(value: number): boolean {
    if (!isExact(value)) return false;
    const text = this.#text;
    let at = this.#at;
    if (value === 0) return this.#take(ZERO);
    if (text.charCodeAt(at) === MINUS) at++;
    const first = at;
    let unit = text.charCodeAt(at);
    while (isDigit(unit)) unit = text.charCodeAt(++at);
    let digits = at - first;
    let isUsual = true;
    if (unit === POINT) {
      const point = at;
      do unit = text.charCodeAt(++at);
      while (isDigit(unit));
      digits += at - point - 1;
      isUsual = text.charCodeAt(at - 1) !== ZERO && Math.abs(value) >= SMALLEST_WITHOUT_EXPONENT;
    }
    isUsual &&= digits > 0 && digits <= MOST_DIGITS && unit !== SMALL_E && unit !== BIG_E;
    if (!isUsual) return this.#word(String(value));
    this.#at = at;
    return true;
  }

  #word(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #take(character: number): boolean {
    if (this.#text.charCodeAt(this.#at) !== character) return false;
    this.#at++;
    return true;
  }
}
