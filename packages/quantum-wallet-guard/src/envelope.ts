/** Writes a decision as a signal envelope (contract v3, section 4). */
import {
  createEnvelope,
  type Envelope,
  type EnvelopeDecision,
  type JsonObject,
  parseOwn,
  type QwgDecisionName,
} from "@dgb-shield/contract";
import type { DecisionResult, HashedResult } from "./evaluate/decisions.js";
import { QwgError } from "./errors.js";
import { CONTEXT_BOUNDS } from "./evaluate/risk-context.js";
import { resultSchema } from "./result-schema.js";
import { isMalformed, severityOf } from "./severity.js";

const ENVELOPE_DECISION: Readonly<Record<QwgDecisionName, EnvelopeDecision>> = Object.freeze({
  allow: "ALLOW",
  warn: "WARN",
  require_extra_auth: "BLOCK",
  delay: "BLOCK",
  block: "BLOCK",
});

/**
 * Makes the envelope of a decision, of component `quantum_wallet_guard`; malformed input is ERROR. The
 * whole result is its evidence.
 *
 * @param result a decision of this package
 * @param request_id 1–128 characters, of the caller's choosing
 * @returns the envelope: allow is ALLOW, warn is WARN, malformed input is ERROR, the rest is BLOCK
 * @throws QwgError `invalid_result` for what no decision of this package is, such as an allow that
 * may not be broadcast; ContractError for a malformed `request_id`
 * @example toEnvelope(evaluateTransaction(context), "r-1").decision // "ALLOW"
 */
export function toEnvelope(result: DecisionResult | HashedResult, request_id: string): Envelope {
  const read = parseOwn(resultSchema, result, CONTEXT_BOUNDS);
  if (!read.ok) {
    throw new QwgError("invalid_result", read.path, "give a result of this package as it is");
  }
  return createEnvelope({
    component: "quantum_wallet_guard",
    request_id,
    decision: isMalformed(read.value) ? "ERROR" : ENVELOPE_DECISION[read.value.decision],
    score: severityOf(read.value),
    reason_codes: [read.value.reason_id],
    evidence: { result: read.value as JsonObject },
  });
}
