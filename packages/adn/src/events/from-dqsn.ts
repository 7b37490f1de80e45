/** Defence events of a DQSN response: never local, so that they are never reported back (design: layer 3). */
import {
  type DefenseEvent,
  type DqsnResponse,
  dqsnResponseSchema,
  type RiskTier,
  SCALE,
} from "@dgb-shield/contract";
import { type EventOptions, expiryOf, nodeEvent, summaryOf } from "./make-event.js";
import { readInput } from "./read-input.js";

const LEAST_SCORE: Readonly<Record<RiskTier, number>> = {
  LOW: 0,
  MEDIUM: SCALE.elevated,
  HIGH: SCALE.high,
  CRITICAL: SCALE.critical,
};

/**
 * BLOCK and ERROR are `dqsn_critical` of severity 1. WARN, or an ALLOW whose risk is not low, is
 * `dqsn_warning` of the response's risk, at least elevated. A quiet ALLOW is nothing.
 *
 * @param response a `DqsnResponse`; a malformed one is a critical `malformed_event`
 * @param nowMs milliseconds since 1970-01-01T00:00:00Z
 */
export function eventsFromDqsn(
  response: DqsnResponse,
  nowMs: number,
  options: EventOptions = {},
): DefenseEvent[] {
  const read = readInput(dqsnResponseSchema, response);
  if (!read.ok) {
    const summary = `DQSN response at ${read.path || "/"}`;
    return [nodeEvent({ type: "malformed_event", summary }, nowMs, options)];
  }
  const { decision, risk, reason_codes } = read.value;
  const isCritical = decision === "BLOCK" || decision === "ERROR";
  const score = Math.max(risk.score, LEAST_SCORE[risk.tier]);
  if (decision === "ALLOW" && score < SCALE.elevated) return [];
  return [
    {
      event_id: "dqsn",
      type: isCritical ? "dqsn_critical" : "dqsn_warning",
      severity: isCritical ? 1 : Math.max(score, SCALE.elevated),
      source: "dqsn",
      observed_at_ms: nowMs,
      expires_at_ms: expiryOf(nowMs, options),
      local: false,
      summary: summaryOf(`DQSN answers ${decision}: ${reason_codes.slice(0, 8).join(", ")}`),
    },
  ];
}
