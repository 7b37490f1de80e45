/** Makes decisions before any rule has run: they deny (design: fail closed). */
import type { GuardianDecision } from "@dgb-shield/contract";
import { RETRY_MS, type GuardianCode } from "../codes.js";
import type { CompiledPolicy } from "../policy/compile.js";
import type { Time } from "../clock/time.js";
import type { Malformed, Request } from "../request/read-request.js";
import { has } from "../internal/own.js";

/** Version of the rules of this package; it changes whenever the same facts would decide otherwise. */
export const RULES_VERSION = "2.0.0";

/** Starts a decision on a request with the fields that all have; REJECT until every rule has passed. */
export const defaultDeny = (
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

/** A rejection with an explanation for people. */
export type Rejection = GuardianDecision & Readonly<{ detail?: string }>;

/** Rejects without applying a rule: the request is malformed, or cannot be decided. */
export function reject(
  compiled: CompiledPolicy,
  request: Request | Malformed,
  {
    time,
    codes,
    detail,
  }: Readonly<{ time: Time; codes: readonly GuardianCode[]; detail: string | undefined }>,
): Rejection {
  const details = [...(has(request, "payment") ? [] : [request.detail]), detail];
  const text = details.filter((part) => part !== undefined).join("; ");
  const explained = text === "" ? {} : { detail: text };
  if (has(request, "payment")) {
    const draft = defaultDeny(compiled, request, time.nowMs);
    return { ...draft, reason_codes: [...codes], ...retryOf(codes), ...explained };
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
    ...explained,
  };
}

/** Computes the waiting time; absent where a code does not pass with time. */
function retryOf(codes: readonly GuardianCode[]): Readonly<{ retry_after_ms?: number }> {
  const waits = codes.map((code) => RETRY_MS.get(code));
  const known = waits.filter((wait) => wait !== undefined);
  return known.length === 0 || known.length < waits.length
    ? {}
    : { retry_after_ms: Math.max(...known) };
}
