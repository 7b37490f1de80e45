/** Events for a learning core: best effort, of every decision but allow (QWG technical document, section 5.4). */
import { type EventSink, type JsonObject, LIMITS, type ShieldEvent } from "@dgb-shield/contract";
import type { HashedResult } from "./decisions.js";
import type { RiskContext } from "./risk-context.js";
import { severityOf } from "./severity.js";

/** Digits of the context hash that tell one decision on a transaction from another. */
const HASH_DIGITS = 16;

/** What an event tells of. */
export type Occurrence = Readonly<{
  result: HashedResult;
  policy_version: string;
  /** Absent where it was malformed. */
  context: RiskContext | undefined;
}>;

/**
 * The event of a decision, with the specification's fields. Its id is `tx_id` and the first 16 digits of the
 * context hash, or the context hash where there is no `tx_id` or the two are too long together. The specification
 * takes `tx_id` alone: then two decisions on one transaction, a delay and later a warning, would share an id, and
 * a receiver that drops repeated ids would never see the second. `extra` has the `tx_id`.
 */
export function toEvent(occurrence: Occurrence): ShieldEvent {
  const { result, context } = occurrence;
  const user_id = context?.user_id;
  return {
    event_id: eventIdOf(context?.tx_id, result.context_hash),
    layer: "quantum_wallet_guard",
    action: result.decision,
    severity: severityOf(result),
    fingerprint: context?.wallet_fingerprint ?? "",
    ...(typeof user_id === "string" && { user_id }),
    extra: extraOf(occurrence),
  };
}

/** Hands an event over. Whatever the sink does, now or later, changes nothing here. */
export function emitSafely(sink: EventSink, event: ShieldEvent): void {
  try {
    const answer: unknown = sink.emit(event);
    if (answer instanceof Promise) answer.catch(() => undefined);
  } catch {
    return;
  }
}

/** One id for one decision on one context, and another for any other. */
function eventIdOf(tx_id: string | null | undefined, context_hash: string): string {
  if (typeof tx_id !== "string") return context_hash;
  const event_id = `${tx_id}:${context_hash.slice(0, HASH_DIGITS)}`;
  return event_id.length <= LIMITS.max_id_length ? event_id : context_hash;
}

function extraOf({ result, context, policy_version }: Occurrence): JsonObject {
  const outcome = { ...result, policy_version };
  if (context === undefined) return outcome;
  const { sentinel_level, adn_level, dqs_network_score, tx_amount, wallet_balance } = context;
  const { behaviour_score, trusted_device, tx_id } = context;
  return {
    ...outcome,
    ...(typeof tx_id === "string" && { tx_id }),
    sentinel_level,
    adn_level,
    dqs_network_score,
    tx_amount,
    wallet_balance,
    behaviour_score,
    trusted_device,
  };
}
