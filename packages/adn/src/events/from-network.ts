/** Defence events of the network picture: never local, so that they are never reported back (design: layer 3). */
import {
  type AdvisoryLevel,
  type DefenseEvent,
  LEVEL_OF_ADVISORY,
  type NetworkView,
  networkViewSchema,
  type RiskLevel,
  SCALE,
} from "@dgb-shield/contract";
import { type EventOptions, expiryOf, nodeEvent, summaryOf } from "./make-event.js";
import { readInput } from "./read-input.js";

const LEAST_SCORE: Readonly<Record<RiskLevel, number>> = { normal: 0, ...SCALE };

/**
 * The `network_advisory` of a view: its score, and at least what its level stands for (0.90 for
 * CRITICAL_GLOBAL, 0.25 for UNKNOWN and ELEVATED). CRITICAL_LOCAL is 0.25 whatever its score: it can
 * be the word of one reporter, which for everybody else counts as elevated and locks nobody down. A
 * quiet network is nothing.
 *
 * @param view a `NetworkView`; a malformed one is a critical `malformed_event`
 * @param nowMs milliseconds since 1970-01-01T00:00:00Z
 */
export function eventsFromNetwork(
  view: NetworkView,
  nowMs: number,
  options: EventOptions = {},
): DefenseEvent[] {
  const read = readInput(networkViewSchema, view);
  if (!read.ok) {
    const summary = `network view at ${read.path || "/"}`;
    return [nodeEvent({ type: "malformed_event", summary }, nowMs, options)];
  }
  const { level, score, as_of_ms } = read.value;
  const severity = level === "CRITICAL_LOCAL" ? SCALE.elevated : Math.max(score, leastScore(level));
  if (severity < SCALE.elevated) return [];
  return [
    {
      event_id: "network_advisory",
      type: "network_advisory",
      severity,
      source: "dqsn",
      observed_at_ms: as_of_ms,
      expires_at_ms: expiryOf(nowMs, options),
      local: false,
      summary: summaryOf(`the network is ${level}, score ${score}`),
    },
  ];
}

const leastScore = (level: AdvisoryLevel): number => LEAST_SCORE[LEVEL_OF_ADVISORY[level]];
