/** Strict JSON: I-JSON (RFC 7493) with bounds; refuses what JSON.parse accepts (contract v3, section 8). */
import { ContractError } from "../errors.js";
import { LIMITS } from "../limits.js";
import { isStrict } from "./fast/duplicate-keys.js";
import { readJson } from "./reader.js";
import { isOverPayloadLimit } from "./text.js";
import type { JsonValue } from "./value.js";

const BYTE_ORDER_MARK = "\ufeff";
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Parses JSON, and refuses what two readers could understand differently.
 *
 * @param input text, or its UTF-8 bytes
 * @returns the value, made of plain objects and arrays
 * @throws ContractError `payload_too_large` (over 512,000 bytes), `invalid_utf8`,
 * `byte_order_mark`, `invalid_json` (also for an input of another type), `depth_exceeded` (over 32), `duplicate_key`,
 * `forbidden_key` (`__proto__`), `lone_surrogate`, `noncharacter`, `bad_number` (overflow, or an integer outside
 * ±(2^53−1) however it is written); `path` is the JSON Pointer of the first error
 * @example parseStrictJson('{"amount":"1.5"}') // { amount: "1.5" }
 */
export function parseStrictJson(input: string | Uint8Array): JsonValue {
  const text = strictText(input);
  return strictValue(text, looseValue(text));
}

/**
 * Decodes an input to text.
 *
 * @param input text, or its UTF-8 bytes; of another type it is no text
 * @throws ContractError `payload_too_large`, `invalid_utf8`, `byte_order_mark`, `invalid_json`
 */
export function strictText(input: unknown): string {
  const text = textOf(input);
  if (isOverPayloadLimit(text)) throw tooLarge();
  if (text.startsWith(BYTE_ORDER_MARK)) {
    throw new ContractError("byte_order_mark", "", "text starts with a byte order mark");
  }
  return text;
}

function textOf(input: unknown): string {
  if (typeof input === "string") return input;
  if (ArrayBuffer.isView(input)) return decode(input as Uint8Array);
  const kind = input === null ? "null" : typeof input;
  throw new ContractError("invalid_json", "", `${kind} is neither text nor bytes`);
}

function decode(bytes: Uint8Array): string {
  if (bytes.byteLength > LIMITS.maxPayloadBytes) throw tooLarge();
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new ContractError("invalid_utf8", "", "bytes are not UTF-8");
  }
}

const tooLarge = (): ContractError =>
  new ContractError("payload_too_large", "", `more than ${LIMITS.maxPayloadBytes} bytes`);

/** Parses by JSON.parse; undefined where the text is not JSON. */
export function looseValue(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/**
 * Gives the value of a strict text: what JSON.parse made of it where that is proven complete, else by the reader.
 *
 * @param loose what JSON.parse made of it
 * @throws ContractError where the text is not strict
 */
const strictValue = (text: string, loose: JsonValue | undefined): JsonValue =>
  loose !== undefined && isStrict(text, loose) ? loose : readJson(text);
