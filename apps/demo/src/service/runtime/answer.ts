/** Turns a recorded decision into what a caller gets: what holds, why, and what to do next (design, section 10). */
import type { StoredWithdrawalRecord, WithdrawalRecord } from "@dgb-shield/contract";
import { bindingOf, type Decided, type WithdrawalParts } from "../../pipeline/index.js";
import type { NextStep, PaymentAnswer, Reason } from "../service.js";

/** How long until evidence that is missing can be there, in milliseconds: a poll or so. */
const EVIDENCE_RETRY_MS = 15_000;

/** Codes of the Guardian that no waiting ends: the request itself has to be another one. */
const FINAL_CODES: ReadonlySet<string> = new Set([
  "invalid_withdrawal",
  "invalid_risk",
  "content_changed",
  "already_committed",
  "in_other_payment",
  "destination_unreadable",
  "destination_denied",
  "fee_limit",
  "per_tx_limit",
]);

/** What a veto means for a person. */
const VETO_TEXT: Readonly<Record<NonNullable<WithdrawalRecord["veto"]>, string>> = Object.freeze({
  clock_untrusted:
    "the clock is not trusted: an operator compares it, then sets it right or accepts it",
  state_unavailable:
    "the state of layers 1 to 3 is not durable, or was not compared with the ledger",
  own_node_stale: "too few own nodes have a fresh report: check the nodes and their connection",
  network_unknown: "nothing is known of the network",
  evidence_changed: "the evidence became worse while the decision was made",
  balance_unavailable:
    "the wallet's balance has to be proven, and its node is not fresh or does not give it: check the node, and that it has loaded the wallet",
});

/** What the service adds to a decision. */
export type AnswerBasis = Readonly<{
  enforced: boolean;
  terms: PaymentAnswer["terms"];
  /** What signed approvals bind to; undefined where approvals are not signed. */
  binds: string | undefined;
}>;

/** Makes the answer of a decision. */
export function answerOf(
  { withdrawal }: WithdrawalParts,
  { final, record, recorded, valid_for_ms, repeated, detail }: Decided,
  { enforced, terms, binds }: AnswerBasis,
): PaymentAnswer {
  const { guardian, result, veto, inputs, provenance } = record;
  const next = final ? "claim" : nextOf(record);
  const retry = next === "retry" ? (guardian.retry_after_ms ?? EVIDENCE_RETRY_MS) : undefined;
  const { decision, reason_id, reason } = result;
  return {
    payment_id: guardian.withdrawal_id,
    wallet_id: guardian.wallet_id,
    enforced,
    final: final ? "ALLOW" : "REFUSED",
    next,
    ...(retry === undefined ? {} : { retry_after_ms: retry }),
    ...(final && valid_for_ms !== undefined ? { valid_for_ms } : {}),
    ...(final && guardian.valid_until_ms !== undefined
      ? { valid_until_ms: guardian.valid_until_ms }
      : {}),
    ...(repeated ? { repeated } : {}),
    binds: binds ?? bindingOf(withdrawal),
    terms,
    reasons: reasonsOf(record, detail),
    guardian,
    guard: { decision, reason_id, reason },
    veto,
    inputs,
    ...(provenance === undefined ? {} : { provenance }),
    decided_at_ms: record.decided_at_ms,
    recorded,
  };
}

/** What a refused caller does next. */
export function nextOf({ guardian, result, veto }: StoredWithdrawalRecord): NextStep {
  if (guardian.decision !== "ALLOW") {
    const isFinal = guardian.reason_codes.some((code) => FINAL_CODES.has(code));
    return isFinal || guardian.decision === "FREEZE" ? "stop" : "retry";
  }
  if (veto !== null || result.decision === "delay") return "retry";
  const isApprovable = result.decision === "require_extra_auth" || result.decision === "warn";
  if (isApprovable) return "approve";
  return result.reason_id === "QWG_CRITICAL_CHAIN_OR_NODE_RISK" ? "retry" : "stop";
}

/** Why a payment was refused, worst layer first. */
export function reasonsOf(record: StoredWithdrawalRecord, detail?: string): Reason[] {
  const { guardian, result, veto } = record;
  const service: Reason[] =
    veto === null ? [] : [{ layer: "service", code: veto, text: VETO_TEXT[veto] }];
  const own = guardian.reason_codes.map((code, i): Reason => ({
    layer: "guardian",
    code,
    text: i === 0 ? (detail ?? null) : null,
  }));
  const isGuardReason = guardian.decision === "ALLOW" || result.reason_id.includes("CRITICAL");
  const guard: Reason[] = isGuardReason
    ? [{ layer: "guard", code: result.reason_id, text: result.reason }]
    : [];
  return [...service, ...own, ...guard, ...remarksOn(record)];
}

/** What a caller stated beyond what is proven; what is proven has counted. */
function remarksOn(record: StoredWithdrawalRecord): Reason[] {
  const { provenance } = "provenance" in record ? record : {};
  if (provenance === undefined) return [];
  const remark = (code: string, text: string): Reason => ({ layer: "service", code, text });
  return [
    ...(provenance.wallet_balance.contradicted
      ? [remark("balance_contradicted", "more was stated than the node's wallet holds")]
      : []),
    ...(provenance.address_age_days.contradicted
      ? [remark("age_contradicted", "the ledger has known a destination for less time than stated")]
      : []),
  ];
}
