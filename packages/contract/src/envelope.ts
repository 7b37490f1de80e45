/** Builds envelopes and reads validation errors, in one way for every layer. */
import { z } from "zod";
import { canonicalize } from "./json/canonical.js";
import { ContractError } from "./errors.js";
import { sha256Hex } from "./json/hash.js";
import { ownMember } from "./internal/own.js";
import { oneOf, strictObject } from "./schemas/own-object.js";
import { firstErrorPath } from "./json/pointer.js";
import type { JsonObject } from "./json/value.js";
import { ENVELOPE_DECISIONS, type EnvelopeDecision, tierOfScore } from "./levels.js";
import { LIMITS } from "./limits.js";
import type { Envelope } from "./schemas/envelope.js";
import {
  componentSchema,
  idSchema,
  jsonObjectSchema,
  reasonCodeSchema,
  scoreSchema,
} from "./schemas/primitives.js";
import { CONTRACT_VERSION } from "./version.js";

/** What a layer says, before it is put into an envelope. */
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
 * @throws ContractError `invalid_envelope` with the path of the first offence (a decision, component,
 * `request_id` or code that no envelope may have, a score outside 0–1, more than 1,024 codes); where
 * `canonicalize` does, with its code, for a missing field, a score of NaN or evidence that is not plain JSON
 */
export function createEnvelope(statement: Statement): Envelope {
  const { request_id, ...said } = checkedStatement(statement);
  const { component, decision, score, reason_codes, evidence } = said;
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
