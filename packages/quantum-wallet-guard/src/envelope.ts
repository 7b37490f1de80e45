/** A decision as a signal envelope (contract v3, section 4). */
import {
  createEnvelope,
  type Envelope,
  type EnvelopeDecision,
  type QwgDecisionName,
} from "@dgb-shield/contract";
import type { DecisionResult, HashedResult } from "./decisions.js";
import { isMalformed, severityOf } from "./severity.js";

const ENVELOPE_DECISION: Readonly<Record<QwgDecisionName, EnvelopeDecision>> = Object.freeze({
  allow: "ALLOW",
  warn: "WARN",
  require_extra_auth: "BLOCK",
  delay: "BLOCK",
  block: "BLOCK",
});

/**
 * A decision as an envelope of component `quantum_wallet_guard`; malformed input is ERROR. The
 * whole result is its evidence.
 *
 * @param request_id 1–128 characters, of the caller's choosing
 */
export function toEnvelope(result: DecisionResult | HashedResult, request_id: string): Envelope {
  return createEnvelope({
    component: "quantum_wallet_guard",
    request_id,
    decision: isMalformed(result) ? "ERROR" : ENVELOPE_DECISION[result.decision],
    score: severityOf(result),
    reason_codes: [result.reason_id],
    evidence: { result: { ...result } },
  });
}
