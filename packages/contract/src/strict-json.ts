/** Strict JSON: I-JSON (RFC 7493) with bounds; refuses what JSON.parse lets pass (contract v3, section 8). */
import { ContractError } from "./errors.js";
import { readJson } from "./internal/json-reader.js";
import { isStrict } from "./internal/strictness.js";
import type { JsonValue } from "./json.js";
import { LIMITS } from "./limits.js";
import { isOverPayloadLimit } from "./utf8.js";

const BYTE_ORDER_MARK = "\ufeff";
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

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
  const text = typeof input === "string" ? input : decode(input);
  if (isOverPayloadLimit(text)) throw tooLarge();
  if (text.startsWith(BYTE_ORDER_MARK)) {
    throw new ContractError("byte_order_mark", "", "text starts with a byte order mark");
  }
  const value = parse(text);
  return value !== undefined && isStrict(text, value) ? value : readJson(text);
}

/** What JSON.parse makes of a text; undefined where that is nothing. */
function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

function decode(bytes: Uint8Array): string {
  if (bytes.byteLength > LIMITS.max_payload_bytes) throw tooLarge();
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new ContractError("invalid_utf8", "", "bytes are not UTF-8");
  }
}

const tooLarge = (): ContractError =>
  new ContractError("payload_too_large", "", `more than ${LIMITS.max_payload_bytes} bytes`);
