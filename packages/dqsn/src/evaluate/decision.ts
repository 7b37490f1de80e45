/** Aggregation of v3 signals: the worst of everything, nothing reinterpreted (contract v3, sections 2 and 6). */
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

/** What the signals say together. */
export type Outcome = Readonly<{
  decision: Exclude<EnvelopeDecision, "ERROR">;
  risk: EnvelopeRisk;
  reason_codes: string[];
}>;

/**
 * The worst decision, the highest score, the highest tier and the union of the reason codes.
 *
 * @param unique the unique valid signals, at least one
 * @param invalid how many signals were invalid (`count_as_block`)
 */
export function combine(unique: readonly ValidSignal[], invalid: number): Outcome | Rejection {
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

  // [ERROR] more upstream codes than the response has room for
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

function worstOf(decisions: ReadonlySet<EnvelopeDecision>, invalid: number): Outcome["decision"] {
  // [BLOCK] an invalid signal counts as BLOCK
  if (invalid > 0) return "BLOCK";
  // [BLOCK] an upstream ERROR counts as BLOCK
  if (decisions.has("BLOCK") || decisions.has("ERROR")) return "BLOCK";
  if (decisions.has("WARN")) return "WARN";
  // [BLOCK] nothing says ALLOW
  return decisions.has("ALLOW") ? "ALLOW" : "BLOCK";
}
