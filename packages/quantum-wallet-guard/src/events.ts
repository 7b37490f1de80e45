/** Events for a learning core: best effort, of every decision but allow (QWG technical document, section 5.4). */
import type { EventSink, JsonObject, ShieldEvent } from "@dgb-shield/contract";
import type { HashedResult } from "./decisions.js";
import type { RiskContext } from "./risk-context.js";
import { severityOf } from "./severity.js";

/** What an event tells of. */
export type Occurrence = Readonly<{
  result: HashedResult;
  policy_version: string;
  /** Absent where it was malformed. */
  context: RiskContext | undefined;
}>;

/** The event of a decision, with the specification's fields. Without a `tx_id` its id is the context hash. */
export function toEvent(occurrence: Occurrence): ShieldEvent {
  const { result, context } = occurrence;
  const user_id = context?.user_id;
  return {
    event_id: context?.tx_id ?? result.context_hash,
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

function extraOf({ result, context, policy_version }: Occurrence): JsonObject {
  const outcome = { ...result, policy_version };
  if (context === undefined) return outcome;
  const { sentinel_level, adn_level, dqs_network_score, tx_amount, wallet_balance } = context;
  const { behaviour_score, trusted_device } = context;
  return {
    ...outcome,
    sentinel_level,
    adn_level,
    dqs_network_score,
    tx_amount,
    wallet_balance,
    behaviour_score,
    trusted_device,
  };
}
