/** Events for a learning core: freezes, breaches, persistent attempts, spikes (Wallet Guardian v2, sections 3.5 and 4.7). */
import type { EventSink, GuardianDecision, JsonObject, ShieldEvent } from "@dgb-shield/contract";
import { identifierOf } from "./evaluate/freeze-cause-id.js";
import type { PaymentRows } from "./payment/rows.js";
import type { RulesResult } from "./evaluate/apply-rules.js";

/** Actions of Guardian's events and how severe each is (0–1). */
export const EVENT_SEVERITIES = Object.freeze({
  limit_breach: 0.4,
  spike: 0.5,
  freeze: 0.7,
  unfreeze: 0.2,
  frozen_persistent_attempts: 0.9,
  late_commit: 0.8,
  double_payment: 1,
  fee_exceeded: 0.8,
  claim_released: 0.5,
  unknown_withdrawal: 0.6,
  allow_revoked: 0.6,
  clock_untrusted: 0.7,
  clock_skew: 0.4,
  clock_accepted: 0.5,
  policy_outdated: 0.7,
});
/** The action of an event. */
export type EventAction = keyof typeof EVENT_SEVERITIES;

const BREACHES = new Set([
  "per_tx_limit",
  "daily_limit",
  "window_limit",
  "fee_limit",
  "destination_denied",
  "destination_lookalike",
  "accounts_frozen",
]);

/**
 * Makes one event. Its id is made of its content, so that one occurrence emitted twice is recognised.
 *
 * @param fingerprint what it is about, as a scope key
 */
export function guardianEvent(
  action: EventAction,
  fingerprint: string,
  extra: JsonObject,
): ShieldEvent {
  return {
    event_id: identifierOf("dwg", { action, fingerprint, extra }),
    layer: "wallet_guardian",
    action,
    severity: EVENT_SEVERITIES[action],
    fingerprint,
    extra,
  };
}

/** Makes the event of an ALLOW that was revoked before its validity ended. */
export const revokedEvent = (
  { payment_id, wallet_id }: PaymentRows,
  { reason_codes, risk }: GuardianDecision,
  at_ms: number,
): ShieldEvent =>
  guardianEvent("allow_revoked", `wallet:${wallet_id}`, {
    withdrawal_id: payment_id,
    reason_codes,
    risk,
    at_ms,
  });

const breachesOf = ({ breaches = [] }: GuardianDecision): JsonObject[] =>
  breaches.map(({ code, scope, limit }) => ({ code, scope, limit }));

/** Lists the events of a result, with the facts of each. */
function occurrencesOf({
  decision,
  lifts,
  is_spike,
}: RulesResult): readonly [EventAction, JsonObject][] {
  const { reason_codes, freeze } = decision;
  const occurrences: [EventAction, JsonObject][] = [];
  if (reason_codes.some((code) => BREACHES.has(code))) {
    occurrences.push(["limit_breach", { breaches: breachesOf(decision) }]);
  }
  if (is_spike) occurrences.push(["spike", {}]);
  if (freeze !== undefined) occurrences.push(["freeze", { freeze }]);
  if (lifts.length > 0) {
    occurrences.push(["unfreeze", { scopes: lifts.map(({ scope }) => ({ ...scope })) }]);
  }
  if (reason_codes.includes("frozen_persistent_attempts")) {
    occurrences.push(["frozen_persistent_attempts", {}]);
  }
  return occurrences;
}

/** Makes the events of one result. */
export function eventsOfRules(outcome: RulesResult, payment: PaymentRows): ShieldEvent[] {
  const { decision } = outcome;
  return occurrencesOf(outcome).map(([action, extra]) =>
    guardianEvent(action, `wallet:${payment.wallet_id}`, {
      withdrawal_id: payment.payment_id,
      decision: decision.decision,
      reason_codes: decision.reason_codes,
      risk: decision.risk,
      at_ms: decision.decided_at_ms,
      ...extra,
    }),
  );
}

/**
 * Emits events, ignoring exceptions, changes to the event and failed or endless promises of the sink. A sink that
 * calls the guardian from its own handler can recurse without end.
 */
export function emitAll(sink: EventSink | undefined, events: readonly ShieldEvent[]): void {
  if (sink === undefined) return;
  for (const event of events) {
    try {
      // An asynchronous sink that fails would end the process as an unhandled rejection.
      Promise.resolve(sink.emit(structuredClone(event)) as unknown).catch(ignore);
    } catch {
      continue;
    }
  }
}

const ignore = (): void => undefined;
