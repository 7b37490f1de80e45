/** Combines the decisions, risks and codes of v3 signals: the worst of each, nothing reinterpreted (design section 4.1). */
import {
  type EnvelopeDecision,
  type EnvelopeRisk,
  LIMITS,
  type RiskTier,
  worstTier,
} from "@dgb-shield/contract";
import { CODE_OF_DECISION } from "../codes.js";
import { type Rejection, reject } from "../internal/rejection.js";
import type { ValidSignal } from "./signals.js";

/** Decision, risk and codes of all signals together. */
export type CombinedDecision = Readonly<{
  decision: Exclude<EnvelopeDecision, "ERROR">;
  risk: EnvelopeRisk;
  reason_codes: string[];
}>;

/**
 * Combines signals: the worst decision, the highest score, the highest tier, the union of the reason codes.
 *
 * @param unique the unique valid signals, at least one
 * @param invalid how many signals were invalid (`count_as_block`)
 */
export function combineDecisions(
  unique: readonly ValidSignal[],
  invalid: number,
): CombinedDecision | Rejection {
  const upstreamCodes = new Set<string>();
  const decisions = new Set<EnvelopeDecision>();
  const tiers = new Set<RiskTier>();
  let score = 0;
  for (const { envelope } of unique) {
    for (const code of envelope.reason_codes) upstreamCodes.add(code);
    decisions.add(envelope.decision);
    tiers.add(envelope.risk.tier);
    score = Math.max(score, envelope.risk.score);
  }

  // [ERROR DQSN_ERROR_RESPONSE_TOO_LARGE] more upstream codes than the response has room for
  if (upstreamCodes.size > LIMITS.maxUpstreamReasonCodes) {
    return reject("DQSN_ERROR_RESPONSE_TOO_LARGE", "/signals");
  }

  const decision = worstOf(decisions, invalid);
  return {
    decision,
    risk: { score, tier: worstTier([...tiers]) },
    reason_codes: [CODE_OF_DECISION[decision], ...[...upstreamCodes].sort()],
  };
}

/** The worst decision; an invalid signal and an upstream ERROR count as BLOCK. */
function worstOf(
  decisions: ReadonlySet<EnvelopeDecision>,
  invalid: number,
): CombinedDecision["decision"] {
  if (invalid > 0 || decisions.has("BLOCK") || decisions.has("ERROR")) return "BLOCK";
  if (decisions.has("WARN")) return "WARN";
  return decisions.has("ALLOW") ? "ALLOW" : "BLOCK";
}
