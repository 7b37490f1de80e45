/**
 * Reads strict JSON token by token and stops at the first error, with its path. The authority: the fast
 * ways of `fast/` are held against it. Its depth is bounded by `LIMITS.maxDepth`.
 */
import { ContractError, type ContractErrorCode } from "../errors.js";
import type { JsonObject, JsonValue } from "./value.js";
import { LIMITS } from "../limits.js";
import { hasNoncharacter } from "./text.js";
import { setOwn } from "../internal/own.js";
import { pointer } from "./pointer.js";

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPED_STRING =
  /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const SMALL_F = 0x66;
const SMALL_N = 0x6e;
const SMALL_T = 0x74;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Reads one JSON value that fills the text.
 *
 * @throws ContractError with the JSON Pointer of the first error
 */
export function readJson(text: string): JsonValue {
  const reader = new Reader(text);
  const value = reader.value();
  reader.end();
  return value;
}

class Reader {
  readonly #text: string;
  /** Keys and indices from the top to where the reader is. */
  readonly #place: (string | number)[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): JsonValue {
    switch (this.#next()) {
      case OPEN_BRACE:
        return this.#object();
      case OPEN_BRACKET:
        return this.#array();
      case QUOTE:
        return this.#stringValue();
      case SMALL_T:
        return this.#word("true", true);
      case SMALL_F:
        return this.#word("false", false);
      case SMALL_N:
        return this.#word("null", null);
      default:
        return this.#number();
    }
  }

  end(): void {
    this.#next();
    if (this.#at < this.#text.length) this.#invalid();
  }

  #object(): JsonObject {
    this.#open();
    const object: JsonObject = {};
    if (this.#take(CLOSE_BRACE)) return object;
    do {
      this.#next();
      const key = this.#string();
      this.#place.push(key);
      this.#checkCharacters(key);
      if (key === "__proto__") this.#reject("forbidden_key", "__proto__ is not allowed as a key");
      if (Object.hasOwn(object, key)) this.#reject("duplicate_key", "duplicate key");
      if (!this.#take(COLON)) this.#invalid();
      setOwn(object, key, this.value());
      this.#place.pop();
    } while (this.#take(COMMA));
    if (!this.#take(CLOSE_BRACE)) this.#invalid();
    return object;
  }

  #array(): JsonValue[] {
    this.#open();
    const array: JsonValue[] = [];
    if (this.#take(CLOSE_BRACKET)) return array;
    do {
      this.#place.push(array.length);
      array.push(this.value());
      this.#place.pop();
    } while (this.#take(COMMA));
    if (!this.#take(CLOSE_BRACKET)) this.#invalid();
    return array;
  }

  #open(): void {
    // Places are as many as the containers around this one.
    if (this.#place.length >= LIMITS.maxDepth) {
      this.#reject("depth_exceeded", `nested deeper than ${LIMITS.maxDepth}`);
    }
    this.#at++;
  }

  #stringValue(): string {
    const value = this.#string();
    this.#checkCharacters(value);
    return value;
  }

  #string(): string {
    const value = this.#plainString() ?? this.#escapedString();
    if (!value.isWellFormed()) this.#reject("lone_surrogate", "lone surrogate in a string");
    return value;
  }

  #checkCharacters(text: string): void {
    if (hasNoncharacter(text)) this.#reject("noncharacter", "noncharacter in a name or string");
  }

  /** A string without escapes; undefined, and nothing read, where it is none. */
  #plainString(): string | undefined {
    if (this.#text.charCodeAt(this.#at) !== QUOTE) return undefined;
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      const unit = this.#text.charCodeAt(at);
      if (unit === QUOTE) {
        const value = this.#text.slice(this.#at + 1, at);
        this.#at = at + 1;
        return value;
      }
      if (unit === BACKSLASH || unit < SPACE) return undefined;
    }
    return undefined;
  }

  #escapedString(): string {
    const token = this.#match(ESCAPED_STRING);
    return token === undefined ? this.#invalid() : (JSON.parse(token) as string);
  }

  #number(): number {
    const token = this.#match(NUMBER);
    if (token === undefined) return this.#invalid();
    const value = Number(token);
    if (!isExact(value)) {
      this.#reject("bad_number", "number overflows or is an integer outside ±(2^53-1)");
    }
    return value;
  }

  #word<T extends boolean | null>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) return this.#invalid();
    this.#at += word.length;
    return value;
  }

  #take(character: number): boolean {
    if (this.#next() !== character) return false;
    this.#at++;
    return true;
  }

  /** The next character that is not white space, NaN at the end; the reader stands on it. */
  #next(): number {
    for (;;) {
      const unit = this.#text.charCodeAt(this.#at);
      if (unit !== SPACE && unit !== LINE_FEED && unit !== CARRIAGE_RETURN && unit !== TAB) {
        return unit;
      }
      this.#at++;
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #invalid(): never {
    return this.#reject("invalid_json", `not JSON at character ${this.#at}`);
  }

  #reject(code: ContractErrorCode, detail: string): never {
    throw new ContractError(code, pointer(this.#place), detail);
  }
}

/** Whether a number is finite and, where it is an integer, within ±(2^53−1): beyond, all are integers. */
export const isExact = (value: number): boolean =>
  value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER;
