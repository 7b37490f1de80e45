/** The envelope's rules written out by hand, five times as fast as the schema (contract v3, section 4). */
import type { JsonObject, JsonValue } from "./json/value.js";
import { ENVELOPE_DECISIONS, RISK_TIERS } from "./levels.js";
import { LIMITS } from "./limits.js";
import type { Envelope } from "./schemas/envelope.js";
import { PATTERNS } from "./json/patterns.js";
import { CONTRACT_VERSION } from "./version.js";

/** Most identifiers are printable ASCII, which is quicker to tell. */
const ASCII_ID = /^[!-~](?:[ -~]{0,126}[!-~])?$/;

const ENVELOPE_KEYS: ReadonlySet<string> = new Set([
  "contract_version",
  "component",
  "request_id",
  "context_hash",
  "decision",
  "risk",
  "reason_codes",
  "evidence",
  "meta",
]);
// Sets: engines search a frozen array slowly.
const DECISIONS: ReadonlySet<JsonValue | undefined> = new Set(ENVELOPE_DECISIONS);
const TIERS: ReadonlySet<JsonValue | undefined> = new Set(RISK_TIERS);
const RISK_KEYS: ReadonlySet<string> = new Set(["score", "tier"]);
const META_KEYS: ReadonlySet<string> = new Set(["fail_closed"]);

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
  isMatch(value["component"], PATTERNS.component) &&
  (isMatch(value["request_id"], ASCII_ID) || isMatch(value["request_id"], PATTERNS.id)) &&
  isMatch(value["context_hash"], PATTERNS.hash256) &&
  DECISIONS.has(value["decision"]) &&
  isRisk(value["risk"]) &&
  isReasonCodes(value["reason_codes"]) &&
  isObject(value["evidence"]) &&
  isMeta(value["meta"]);

const isRisk = (value: JsonValue | undefined): boolean =>
  isObjectOf(value, RISK_KEYS) &&
  typeof value["score"] === "number" &&
  value["score"] >= 0 &&
  value["score"] <= 1 &&
  TIERS.has(value["tier"]);

const isReasonCodes = (value: JsonValue | undefined): boolean =>
  Array.isArray(value) &&
  value.length <= LIMITS.maxReasonCodes &&
  // A hole is skipped by `every`, and found here.
  !value.includes(undefined as unknown as JsonValue) &&
  value.every((code) => isMatch(code, PATTERNS.reasonCode));

const isMeta = (value: JsonValue | undefined): boolean =>
  isObjectOf(value, META_KEYS) && value["fail_closed"] === true;

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Whether it is an object that has itself these members and no other: as many, and each of them one of these. */
function isObjectOf(value: JsonValue | undefined, keys: ReadonlySet<string>): value is JsonObject {
  if (!isObject(value)) return false;
  const own = Object.keys(value);
  if (own.length !== keys.size) return false;
  for (const key of own) if (!keys.has(key)) return false;
  return true;
}

const isMatch = (value: JsonValue | undefined, pattern: RegExp): boolean =>
  typeof value === "string" && pattern.test(value);
