/** Strict JSON: I-JSON (RFC 7493) with bounds; refuses what JSON.parse lets pass (contract v3, section 8). */
import { utf8Length } from "./canonical.js";
import { ContractError, type ContractErrorCode } from "./errors.js";
import { pointer } from "./internal/pointer.js";
import type { JsonObject, JsonValue } from "./json.js";
import { LIMITS } from "./limits.js";

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n\r]*/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

/**
 * Parses JSON, refusing whatever two readers could understand differently.
 *
 * @param input text, or its UTF-8 bytes
 * @returns the value, made of plain objects and arrays
 * @throws ContractError `payload_too_large` (over 512,000 bytes), `invalid_utf8`,
 * `byte_order_mark`, `invalid_json`, `depth_exceeded` (over 32), `duplicate_key`,
 * `forbidden_key` (`__proto__`), `lone_surrogate`, `bad_number` (overflow, or an integer outside
 * ±(2^53−1) however it is written); `path` is the JSON Pointer of the first offence
 * @example parseStrictJson('{"amount":"1.5"}') // { amount: "1.5" }
 */
export function parseStrictJson(input: string | Uint8Array): JsonValue {
  const text = typeof input === "string" ? checkedText(input) : decode(input);
  if (text.startsWith("\ufeff"))
    refuse("byte_order_mark", "", "text starts with a byte order mark");
  const reader = new Reader(text);
  const value = reader.value("", 0);
  reader.end();
  return value;
}

function checkedText(text: string): string {
  if (text.length > LIMITS.max_payload_bytes || utf8Length(text) > LIMITS.max_payload_bytes) {
    refuse("payload_too_large", "", `text is larger than ${LIMITS.max_payload_bytes} bytes`);
  }
  return text;
}

function decode(bytes: Uint8Array): string {
  if (bytes.byteLength > LIMITS.max_payload_bytes) {
    refuse("payload_too_large", "", `text is larger than ${LIMITS.max_payload_bytes} bytes`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse("invalid_utf8", "", "bytes are not UTF-8");
  }
}

function refuse(code: ContractErrorCode, path: string, detail: string): never {
  throw new ContractError(code, path, detail);
}

/** A recursive-descent reader; its depth is bounded by `LIMITS.max_depth`. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(path: string, depth: number): JsonValue {
    this.#space();
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object(path, depth + 1);
      case "[":
        return this.#array(path, depth + 1);
      case '"':
        return this.#string(path);
      case "t":
        return this.#word("true", true, path);
      case "f":
        return this.#word("false", false, path);
      case "n":
        return this.#word("null", null, path);
      default:
        return this.#number(path);
    }
  }

  end(): void {
    this.#space();
    if (this.#at < this.#text.length) this.#invalid("");
  }

  #object(path: string, depth: number): JsonObject {
    this.#open(path, depth);
    const object: JsonObject = {};
    if (this.#take("}")) return object;
    do {
      this.#space();
      const key = this.#string(path);
      const memberPath = pointer(path, key);
      if (key === "__proto__") refuse("forbidden_key", memberPath, "__proto__ is not allowed");
      if (Object.hasOwn(object, key)) refuse("duplicate_key", memberPath, "duplicate key");
      if (!this.#take(":")) this.#invalid(memberPath);
      object[key] = this.value(memberPath, depth);
    } while (this.#take(","));
    if (!this.#take("}")) this.#invalid(path);
    return object;
  }

  #array(path: string, depth: number): JsonValue[] {
    this.#open(path, depth);
    const array: JsonValue[] = [];
    if (this.#take("]")) return array;
    do {
      array.push(this.value(pointer(path, array.length), depth));
    } while (this.#take(","));
    if (!this.#take("]")) this.#invalid(path);
    return array;
  }

  #open(path: string, depth: number): void {
    if (depth > LIMITS.max_depth) {
      refuse("depth_exceeded", path, `nested deeper than ${LIMITS.max_depth}`);
    }
    this.#at++;
  }

  #string(path: string): string {
    const token = this.#match(STRING);
    if (token === undefined) return this.#invalid(path);
    const value = JSON.parse(token) as string;
    if (!value.isWellFormed()) refuse("lone_surrogate", path, "lone surrogate in a string");
    return value;
  }

  #number(path: string): number {
    const token = this.#match(NUMBER);
    if (token === undefined || token === "") return this.#invalid(path);
    const value = Number(token);
    if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
      refuse("bad_number", path, "number overflows or is an integer outside ±(2^53-1)");
    }
    return value;
  }

  #word<T extends boolean | null>(word: string, value: T, path: string): T {
    if (!this.#text.startsWith(word, this.#at)) return this.#invalid(path);
    this.#at += word.length;
    return value;
  }

  #space(): void {
    this.#match(SPACE);
  }

  #take(character: string): boolean {
    this.#space();
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

  #invalid(path: string): never {
    return refuse("invalid_json", path, `not JSON at character ${this.#at}`);
  }
}
