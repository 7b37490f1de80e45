/** Decisions before a rule has spoken: they deny (design: fail closed). */
import type { GuardianDecision } from "@dgb-shield/contract";
import { RETRY_MS, type GuardianCode } from "../codes.js";
import type { CompiledPolicy } from "../policy/compile.js";
import type { Time } from "../clock/time.js";
import type { Malformed, Request } from "../request/read-request.js";
import { has } from "../internal/own.js";

/** Version of the rules of this package; it changes whenever the same facts would decide otherwise. */
export const RULES_VERSION = "2.0.0";

/** What every decision on a request carries; REJECT until the rules say better. */
export const draftDecision = (
  { version }: CompiledPolicy,
  { payment, risk }: Request,
  nowMs: number,
): GuardianDecision => ({
  withdrawal_id: payment.payment_id,
  wallet_id: payment.wallet_id,
  decision: "REJECT",
  reason_codes: [],
  risk: risk.level,
  decided_at_ms: nowMs,
  policy_version: version,
  rules_version: RULES_VERSION,
});

/** A refusal with what is wrong in words. */
export type Refusal = GuardianDecision & Readonly<{ detail?: string }>;

/** A refusal that needed no rule: the request was malformed, or could not be decided. */
export function refuse(
  compiled: CompiledPolicy,
  request: Request | Malformed,
  {
    time,
    codes,
    detail,
  }: Readonly<{ time: Time; codes: readonly GuardianCode[]; detail: string | undefined }>,
): Refusal {
  const details = [...(has(request, "payment") ? [] : [request.detail]), detail];
  const text = details.filter((part) => part !== undefined).join("; ");
  const said = text === "" ? {} : { detail: text };
  if (has(request, "payment")) {
    const draft = draftDecision(compiled, request, time.nowMs);
    return { ...draft, reason_codes: [...codes], ...retryOf(codes), ...said };
  }
  const { withdrawal_id, wallet_id, risk, path } = request;
  return {
    withdrawal_id,
    wallet_id,
    decision: "REJECT",
    reason_codes: [...request.codes, ...codes],
    path,
    risk,
    decided_at_ms: time.nowMs,
    policy_version: compiled.version,
    rules_version: RULES_VERSION,
    ...said,
  };
}

/** When to ask again; absent where a code never passes by itself. */
function retryOf(codes: readonly GuardianCode[]): Readonly<{ retry_after_ms?: number }> {
  const waits = codes.map((code) => RETRY_MS.get(code));
  const known = waits.filter((wait) => wait !== undefined);
  return known.length === 0 || known.length < waits.length
    ? {}
    : { retry_after_ms: Math.max(...known) };
}
