/** The envelope's rules written out by hand, five times as fast as the schema (contract v3, section 4). */
import type { JsonObject, JsonValue } from "./json.js";
import { ENVELOPE_DECISIONS, RISK_TIERS } from "./levels.js";
import { LIMITS } from "./limits.js";
import type { Envelope } from "./schemas/envelope.js";
import {
  COMPONENT_PATTERN,
  HASH_256_PATTERN,
  ID_PATTERN,
  REASON_CODE_PATTERN,
} from "./schemas/primitives.js";
import { CONTRACT_VERSION } from "./version.js";

/** Most identifiers are printable ASCII, which is quicker to tell. */
const ASCII_ID = /^[!-~](?:[ -~]{0,126}[!-~])?$/;

const ENVELOPE_KEYS = 9;

/**
 * Whether a parsed JSON value is a Shield Contract v3 envelope: says what `envelopeSchema` says, which
 * also knows what is wrong and where.
 *
 * @param value what a JSON parser made, not an object that somebody handed over
 * @example isEnvelope({}) // false
 */
export const isEnvelope = (value: JsonValue): value is Envelope =>
  isObjectOf(value, ENVELOPE_KEYS) &&
  value["contract_version"] === CONTRACT_VERSION &&
  isMatch(value["component"], COMPONENT_PATTERN) &&
  (isMatch(value["request_id"], ASCII_ID) || isMatch(value["request_id"], ID_PATTERN)) &&
  isMatch(value["context_hash"], HASH_256_PATTERN) &&
  isOneOf(value["decision"], ENVELOPE_DECISIONS) &&
  isRisk(value["risk"]) &&
  isReasonCodes(value["reason_codes"]) &&
  isObject(value["evidence"]) &&
  isMeta(value["meta"]);

const isRisk = (value: JsonValue | undefined): boolean =>
  isObjectOf(value, 2) &&
  typeof value["score"] === "number" &&
  value["score"] >= 0 &&
  value["score"] <= 1 &&
  isOneOf(value["tier"], RISK_TIERS);

const isReasonCodes = (value: JsonValue | undefined): boolean =>
  Array.isArray(value) &&
  value.length <= LIMITS.max_reason_codes &&
  value.every((code) => isMatch(code, REASON_CODE_PATTERN));

const isMeta = (value: JsonValue | undefined): boolean =>
  isObjectOf(value, 1) && value["fail_closed"] === true;

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether it is an object of so many members: if each wanted one is there, no other is. */
const isObjectOf = (value: JsonValue | undefined, members: number): value is JsonObject =>
  isObject(value) && Object.keys(value).length === members;

const isMatch = (value: JsonValue | undefined, pattern: RegExp): boolean =>
  typeof value === "string" && pattern.test(value);

const isOneOf = (value: JsonValue | undefined, words: readonly string[]): boolean =>
  typeof value === "string" && words.includes(value);
