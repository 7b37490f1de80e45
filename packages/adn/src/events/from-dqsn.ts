/** Makes defense events of a DQSN response: never local, so that they are never reported back (design, section 6). */
import {
  type DefenseEvent,
  type DqsnResponse,
  dqsnResponseSchema,
  type RiskTier,
  SCALE,
  type TimeReading,
} from "@dgb-shield/contract";
import { type EventOptions, makingOf, malformed, restsOn, summaryOf } from "./make-event.js";
import { readInput } from "./read-input.js";

const LEAST_SCORE: Readonly<Record<RiskTier, number>> = Object.freeze({
  LOW: 0,
  MEDIUM: SCALE.elevated,
  HIGH: SCALE.high,
  CRITICAL: SCALE.critical,
});

/**
 * Makes the event of a DQSN response. BLOCK and ERROR are `dqsn_critical` of severity 1. WARN, or an ALLOW whose risk is not low, is
 * `dqsn_warning` of the response's risk, at least elevated. A quiet ALLOW is no event. The id carries
 * what the answer rests on: its decision, its reason codes, and what each signal in it decided.
 *
 * @param response a `DqsnResponse`; a malformed one is a critical `malformed_event`
 * @param reading the clock now; one that gives no time is a critical `malformed_event`
 * @param options how long the events count, 600,000 ms by default
 */
export function eventsFromDqsn(
  response: DqsnResponse,
  reading: TimeReading,
  options: EventOptions = {},
): DefenseEvent[] {
  const { making, fault } = makingOf(reading, options);
  if (making === undefined) return [fault];
  const read = readInput(dqsnResponseSchema, response);
  if (!read.ok) return [malformed("DQSN response", read.path, making)];
  const { decision, risk, reason_codes, evidence } = read.value;
  const isCritical = decision === "BLOCK" || decision === "ERROR";
  const score = Math.max(risk.score, LEAST_SCORE[risk.tier]);
  if (decision === "ALLOW" && score < SCALE.elevated) return [];
  const codes = [...new Set(reason_codes)].sort();
  // [FULL dqsn_critical] BLOCK or ERROR
  // [ELEVATED dqsn_warning] WARN, or an ALLOW whose risk is not low
  return [
    {
      event_id: `dqsn:${restsOn(decision, risk.tier, codes, verdictsIn(evidence))}`,
      type: isCritical ? "dqsn_critical" : "dqsn_warning",
      severity: isCritical ? 1 : Math.max(score, SCALE.elevated),
      source: "dqsn",
      observed_at_ms: making.now_ms,
      expires_at_ms: making.now_ms + making.ttl_ms,
      local: false,
      summary: summaryOf(`DQSN answers ${decision}: ${reason_codes.slice(0, 8).join(", ")}`),
    },
  ];
}

/** What each forwarded signal decided and why, in a fixed order; scores and evidence change with every report. */
function verdictsIn(evidence: Readonly<Record<string, unknown>>): string[] {
  const { signals } = evidence;
  if (!Array.isArray(signals)) return [];
  return signals.map((signal: unknown) => verdictOf(signal)).sort();
}

function verdictOf(signal: unknown): string {
  if (typeof signal !== "object" || signal === null) return "";
  const { component, decision, reason_codes } = signal as Readonly<Record<string, unknown>>;
  const codes = Array.isArray(reason_codes) ? [...new Set(reason_codes.map(String))].sort() : [];
  return JSON.stringify([component, decision, codes]);
}
