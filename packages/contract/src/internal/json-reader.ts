/**
 * The authority on strict JSON: reads token by token, knows at each moment where it is, and stops at
 * the first offence. Its depth is bounded by `LIMITS.max_depth`.
 */
import { ContractError, type ContractErrorCode } from "../errors.js";
import type { JsonObject, JsonValue } from "../json.js";
import { LIMITS } from "../limits.js";
import { pointer } from "./pointer.js";

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;

/**
 * Reads one JSON value that fills the text.
 *
 * @throws ContractError with the JSON Pointer of the first offence
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
    this.#match(SPACE);
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object();
      case "[":
        return this.#array();
      case '"':
        return this.#string();
      case "t":
        return this.#word("true", true);
      case "f":
        return this.#word("false", false);
      case "n":
        return this.#word("null", null);
      default:
        return this.#number();
    }
  }

  end(): void {
    this.#match(SPACE);
    if (this.#at < this.#text.length) this.#invalid();
  }

  #object(): JsonObject {
    this.#open();
    const object: JsonObject = {};
    if (this.#take("}")) return object;
    do {
      this.#match(SPACE);
      const key = this.#string();
      this.#place.push(key);
      if (key === "__proto__") this.#refuse("forbidden_key", "__proto__ is not allowed as a key");
      if (Object.hasOwn(object, key)) this.#refuse("duplicate_key", "duplicate key");
      if (!this.#take(":")) this.#invalid();
      object[key] = this.value();
      this.#place.pop();
    } while (this.#take(","));
    if (!this.#take("}")) this.#invalid();
    return object;
  }

  #array(): JsonValue[] {
    this.#open();
    const array: JsonValue[] = [];
    if (this.#take("]")) return array;
    do {
      this.#place.push(array.length);
      array.push(this.value());
      this.#place.pop();
    } while (this.#take(","));
    if (!this.#take("]")) this.#invalid();
    return array;
  }

  #open(): void {
    // Places are as many as the containers around this one.
    if (this.#place.length >= LIMITS.max_depth) {
      this.#refuse("depth_exceeded", `nested deeper than ${LIMITS.max_depth}`);
    }
    this.#at++;
  }

  #string(): string {
    const token = this.#match(STRING);
    if (token === undefined) return this.#invalid();
    const value = token.includes("\\") ? (JSON.parse(token) as string) : token.slice(1, -1);
    if (!value.isWellFormed()) this.#refuse("lone_surrogate", "lone surrogate in a string");
    return value;
  }

  #number(): number {
    const token = this.#match(NUMBER);
    if (token === undefined) return this.#invalid();
    const value = Number(token);
    if (!isExact(value)) {
      this.#refuse("bad_number", "number overflows or is an integer outside ±(2^53-1)");
    }
    return value;
  }

  #word<T extends boolean | null>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) return this.#invalid();
    this.#at += word.length;
    return value;
  }

  #take(character: string): boolean {
    this.#match(SPACE);
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #invalid(): never {
    return this.#refuse("invalid_json", `not JSON at character ${this.#at}`);
  }

  #refuse(code: ContractErrorCode, detail: string): never {
    throw new ContractError(code, this.#place.reduce<string>(pointer, ""), detail);
  }
}

/** Whether a number is finite and, where it is an integer, within ±(2^53−1): beyond, all are integers. */
export const isExact = (value: number): boolean =>
  value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER;
