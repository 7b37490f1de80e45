/** Builds envelopes, and recognises them by hand-written rules five times as fast as the schema (contract v3, section 4). */
import { z } from "zod";
import { canonicalize } from "./json/canonical.js";
import { ContractError } from "./errors.js";
import { sha256Hex } from "./json/hash.js";
import { ownMember } from "./internal/own.js";
import { oneOf, strictObject } from "./schemas/own-object.js";
import { PATTERNS } from "./json/patterns.js";
import { firstErrorPath } from "./json/pointer.js";
import type { JsonObject, JsonValue } from "./json/value.js";
import { ENVELOPE_DECISIONS, type EnvelopeDecision, RISK_TIERS, tierOfScore } from "./levels.js";
import { CONTRACT_VERSION, LIMITS } from "./limits.js";
import type { Envelope } from "./schemas/envelope.js";
import {
  componentSchema,
  idSchema,
  jsonObjectSchema,
  reasonCodeSchema,
  scoreSchema,
} from "./schemas/primitives.js";

/** The output of a layer, before it is put into an envelope. */
export type Statement = Readonly<{
  component: string;
  request_id: string;
  decision: EnvelopeDecision;
  /** 0–1; the tier follows from it. */
  score: number;
  reason_codes: readonly string[];
  evidence: JsonObject;
}>;

const statementSchema = strictObject({
  component: componentSchema,
  request_id: idSchema,
  decision: oneOf(ENVELOPE_DECISIONS),
  score: scoreSchema,
  reason_codes: z.array(reasonCodeSchema).max(LIMITS.maxReasonCodes),
  evidence: jsonObjectSchema,
});

const STATEMENT_KEYS = Object.freeze(Object.keys(statementSchema.shape));

/**
 * Makes the envelope of a statement. Its `context_hash` covers everything but `request_id`, so that two
 * envelopes with one hash and different content cannot both be genuine. The envelope shares nothing
 * with the statement; its evidence has its keys in canonical order.
 *
 * @param statement read once, own properties alone; other members than those of `Statement` are ignored
 * @throws ContractError `invalid_envelope` with the path of the first error (a decision, component,
 * `request_id` or code that no envelope may have, a score outside 0–1, more than 1,024 codes); where
 * `canonicalize` does, with its code, for a missing field, a score of NaN or evidence that is not plain JSON
 */
export function createEnvelope(statement: Statement): Envelope {
  const { request_id, ...checked } = checkedStatement(statement);
  const { component, decision, score, reason_codes, evidence } = checked;
  const content = {
    contract_version: CONTRACT_VERSION,
    component,
    decision,
    risk: { score, tier: tierOfScore(score) },
    reason_codes,
    evidence,
  } as const;
  const context_hash = sha256Hex(canonicalize(content));
  return { ...content, request_id, context_hash, meta: { fail_closed: true } };
}

/** A checked copy of a statement, made from its canonical text. */
function checkedStatement(statement: unknown): z.output<typeof statementSchema> {
  const copy: unknown = JSON.parse(canonicalize(membersOf(statement)));
  const parsed = statementSchema.safeParse(copy);
  if (parsed.success) return parsed.data;
  throw new ContractError("invalid_envelope", firstErrorPath(parsed.error), "not a statement");
}

function membersOf(statement: unknown): object {
  if (typeof statement !== "object" || statement === null) {
    throw new ContractError("not_plain", "", "the statement is not an object");
  }
  try {
    return Object.fromEntries(STATEMENT_KEYS.map((key) => [key, ownMember(statement, key)]));
  } catch (error) {
    throw new ContractError("not_plain", "", "the statement throws when it is read", error);
  }
}

/** Matches most identifiers: printable ASCII is quicker to check. */
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
 * Whether a parsed JSON value is a Shield Contract v3 envelope. It accepts exactly what `envelopeSchema`
 * accepts, which also names what is wrong; the fuzzer holds one against the other.
 *
 * @param value the result of a JSON parser, not an object of a caller
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
