/**
 * Reads strict JSON as contract's `parseStrictJson` does (design, section 3), with two differences: a number keeps its
 * text, so that what is forwarded is what the client wrote, and the limit of bytes is the caller's, since a block is
 * larger than any message of the shield.
 */
import { type Json, JsonNumber } from "./value.js";

/** Why a text is refused; the words are those of `parseStrictJson`. */
export type JsonFault =
  | "invalid_utf8"
  | "byte_order_mark"
  | "invalid_json"
  | "depth_exceeded"
  | "duplicate_key"
  | "forbidden_key"
  | "lone_surrogate"
  | "noncharacter"
  | "bad_number";

/** A value, or why there is none. */
export type ParsedJson =
  Readonly<{ ok: true; value: Json }> | Readonly<{ ok: false; fault: JsonFault }>;

/** Deepest nesting, as contract's. */
const MAX_DEPTH = 32;

/** Most characters of a number: the longest that a node understands has 20. */
const MAX_NUMBER = 64;

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const SPACE = /[ \n\r\t]*/y;
const NONCHARACTER = /\p{Noncharacter_Code_Point}/u;
const NEEDS_LOOK = /[\ud800-\uffff]/;

class Fault extends Error {
  readonly fault: JsonFault;
  constructor(fault: JsonFault) {
    super(fault);
    this.fault = fault;
  }
}

/**
 * Parses one value that fills the bytes.
 *
 * @param bytes UTF-8; bounded by the caller
 */
export function parseJson(bytes: Uint8Array): ParsedJson {
  try {
    return { ok: true, value: new Reader(textOf(bytes)).whole() };
  } catch (error) {
    if (error instanceof Fault) return { ok: false, fault: error.fault };
    throw error;
  }
}

function textOf(bytes: Uint8Array): string {
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch {
    throw new Fault("invalid_utf8");
  }
  if (text.startsWith("\ufeff")) throw new Fault("byte_order_mark");
  return text;
}

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Json {
    const value = this.#value();
    this.#skip();
    if (this.#at < this.#text.length) throw new Fault("invalid_json");
    return value;
  }

  #value(): Json {
    this.#skip();
    switch (this.#text[this.#at]) {
      case "{":
        return this.#nested(() => this.#map());
      case "[":
        return this.#nested(() => this.#list());
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

  #nested<T>(read: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new Fault("depth_exceeded");
    this.#at++;
    const value = read();
    this.#depth--;
    return value;
  }

  #map(): Json {
    const map = new Map<string, Json>();
    if (this.#take("}")) return map;
    do {
      this.#skip();
      const name = this.#string();
      if (name === "__proto__") throw new Fault("forbidden_key");
      if (map.has(name)) throw new Fault("duplicate_key");
      if (!this.#take(":")) throw new Fault("invalid_json");
      map.set(name, this.#value());
    } while (this.#take(","));
    if (!this.#take("}")) throw new Fault("invalid_json");
    return map;
  }

  #list(): Json {
    const list: Json[] = [];
    if (this.#take("]")) return list;
    do list.push(this.#value());
    while (this.#take(","));
    if (!this.#take("]")) throw new Fault("invalid_json");
    return list;
  }

  #string(): string {
    const value = JSON.parse(this.#match(STRING)) as string;
    if (NEEDS_LOOK.test(value)) {
      if (!value.isWellFormed()) throw new Fault("lone_surrogate");
      if (NONCHARACTER.test(value)) throw new Fault("noncharacter");
    }
    return value;
  }

  #number(): JsonNumber {
    const text = this.#match(NUMBER);
    const value = Number(text);
    // As contract's: beyond 2^53 two readers could understand it differently.
    const isExact = value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER;
    if (!isExact || text.length > MAX_NUMBER) throw new Fault("bad_number");
    return new JsonNumber(text);
  }

  #word<T extends boolean | null>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) throw new Fault("invalid_json");
    this.#at += word.length;
    return value;
  }

  #take(character: string): boolean {
    this.#skip();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #skip(): void {
    SPACE.lastIndex = this.#at;
    this.#at += SPACE.exec(this.#text)?.[0].length ?? 0;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) throw new Fault("invalid_json");
    this.#at += found.length;
    return found;
  }
}
