/** Decisions before a rule has spoken: they deny (design: fail closed). */
import type { GuardianDecision } from "@dgb-shield/contract";
import type { GuardianCode } from "./codes.js";
import type { CompiledPolicy } from "./limits.js";
import type { Malformed, Request } from "./withdrawal.js";

/** Version of the rules of this package; it changes whenever the same facts would decide otherwise. */
export const RULES_VERSION = "1.0.0";

/** What every decision on a request carries; REJECT until the rules say better. */
export const draftDecision = (
  { version }: CompiledPolicy,
  { withdrawal, risk }: Request,
  nowMs: number,
): GuardianDecision => ({
  withdrawal_id: withdrawal.withdrawal_id,
  wallet_id: withdrawal.wallet_id,
  decision: "REJECT",
  reason_codes: [],
  risk,
  decided_at_ms: nowMs,
  policy_version: version,
  rules_version: RULES_VERSION,
});

/** A refusal that needed no rule: the request was malformed, or could not be decided. */
export function refuse(
  compiled: CompiledPolicy,
  request: Request | Malformed,
  { nowMs, codes }: Readonly<{ nowMs: number; codes: readonly GuardianCode[] }>,
): GuardianDecision {
  if ("withdrawal" in request) {
    return { ...draftDecision(compiled, request, nowMs), reason_codes: [...codes] };
  }
  const { withdrawal_id, wallet_id, risk, path } = request;
  return {
    withdrawal_id,
    wallet_id,
    decision: "REJECT",
    reason_codes: [...request.codes, ...codes],
    path,
    risk,
    decided_at_ms: nowMs,
    policy_version: compiled.version,
    rules_version: RULES_VERSION,
  };
}
