/** Makes a Shield Contract v3 envelope of a decision (contract v3, section 4). */
import {
  createEnvelope,
  type Envelope,
  type EnvelopeDecision,
  type GuardianDecision,
  guardianDecisionSchema,
  type JsonObject,
  SCALE,
} from "@dgb-shield/contract";
import { INPUT_CODES } from "./codes.js";

const SCORE_OF_RISK: ReadonlyMap<unknown, number> = new Map([
  ["LOW", 0],
  ["MEDIUM", SCALE.elevated],
  ["HIGH", SCALE.high],
]);
const SCORE_OF_DECISION: ReadonlyMap<unknown, number> = new Map([
  ["ALLOW", 0],
  ["DELAY", SCALE.elevated],
  ["FREEZE", SCALE.high],
  ["REJECT", SCALE.high],
]);

/**
 * A decision as an envelope of the component `wallet_guardian`: ALLOW stays ALLOW, malformed input
 * is ERROR, all else is BLOCK. Its evidence is the decision; its score the higher one of the risk
 * and of the decision, 1 for an ERROR.
 *
 * @param requestId of the envelope: 1–128 characters
 * @example toEnvelope(decision, "r-1").reason_codes // ["DWG_COOLDOWN_BREACH"]
 */
export function toEnvelope(decision: GuardianDecision, requestId: string): Envelope {
  const { risk } = decision;
  const verdict = envelopeDecision(decision);
  // An unknown value counts as the worst.
  const riskScore = SCORE_OF_RISK.get(risk) ?? 1;
  const decisionScore = SCORE_OF_DECISION.get(decision.decision) ?? 1;
  return createEnvelope({
    component: "wallet_guardian",
    request_id: requestId,
    decision: verdict,
    score: verdict === "ERROR" ? 1 : Math.max(riskScore, decisionScore),
    reason_codes: decision.reason_codes.map((code) => `DWG_${code.toUpperCase()}`),
    evidence: evidenceOf(decision),
  });
}

/** Selects the decision's own fields: an answer's record belongs in the ledger, not in a signal. */
function evidenceOf(decision: GuardianDecision): JsonObject {
  const fields = Object.entries(decision).filter(
    ([key, value]) => Object.hasOwn(guardianDecisionSchema.shape, key) && value !== undefined,
  );
  return Object.fromEntries(fields) as JsonObject;
}

function envelopeDecision({ decision, reason_codes }: GuardianDecision): EnvelopeDecision {
  if (reason_codes.some((code) => INPUT_CODES.has(code))) return "ERROR";
  return decision === "ALLOW" ? "ALLOW" : "BLOCK";
}
