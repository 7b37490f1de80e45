/** Strict JSON: I-JSON (RFC 7493) with bounds; refuses what JSON.parse lets pass (contract v3, section 8). */
import { strictText } from "../internal/strict-text.js";
import { looseValue, strictValue } from "../internal/strict-value.js";
import type { JsonValue } from "./value.js";

/**
 * Parses JSON, refusing whatever two readers could understand differently.
 *
 * @param input text, or its UTF-8 bytes
 * @returns the value, made of plain objects and arrays
 * @throws ContractError `payload_too_large` (over 512,000 bytes), `invalid_utf8`,
 * `byte_order_mark`, `invalid_json` (also for an input of another type), `depth_exceeded` (over 32), `duplicate_key`,
 * `forbidden_key` (`__proto__`), `lone_surrogate`, `noncharacter`, `bad_number` (overflow, or an integer outside
 * ±(2^53−1) however it is written); `path` is the JSON Pointer of the first offence
 * @example parseStrictJson('{"amount":"1.5"}') // { amount: "1.5" }
 */
export function parseStrictJson(input: string | Uint8Array): JsonValue {
  const text = strictText(input);
  return strictValue(text, looseValue(text));
}
