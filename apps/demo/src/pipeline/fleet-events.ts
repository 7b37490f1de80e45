/** Makes defense events of what only several own nodes together show (design, sections 5 and 10). */
import { eventsFromSentinel } from "@dgb-shield/adn";
import {
  type CheckedTime,
  type DefenseEvent,
  type Finding,
  levelOfScore,
  type SentinelReport,
  type TimeReading,
} from "@dgb-shield/contract";
import type { FleetReport } from "@dgb-shield/sentinel";

/** The name under which findings of the fleet go to the defense; no node may have it. */
export const FLEET_NODE = "fleet";

/** Detectors whose findings hold until an operator releases them: agreement that returns does not explain them. */
const LATCHED: ReadonlySet<string> = new Set(["rule_split"]);

/** When events are made, and how long they count unless renewed. */
export type EventTimes = Readonly<{
  reading: TimeReading;
  now: CheckedTime;
  event_ttl_ms: number;
}>;

/** Makes the events of a fleet's own findings; none where there is only one node, or nothing is found. */
export function eventsFromFleet(
  together: FleetReport | null,
  { reading, now, event_ttl_ms }: EventTimes,
): DefenseEvent[] {
  if (together === null || together.findings.length === 0) return [];
  return eventsFromSentinel(reportOf(together, now.wall_ms), reading, { event_ttl_ms });
}

/** The findings of a fleet as a report of one watcher; the states of the nodes are in their own reports. */
function reportOf({ chain, findings }: FleetReport, nowMs: number): SentinelReport {
  const score = Math.max(...findings.map(({ severity }) => severity));
  return {
    node_id: FLEET_NODE,
    chain,
    observed_at_ms: nowMs,
    clock: "trusted",
    status: "WATCHING",
    tip: null,
    level: levelOfScore(score),
    score,
    findings: findings.map(latched),
    detectors: [...new Set(findings.map(({ detector }) => detector))].sort(),
  };
}

const latched = (finding: Finding): Finding =>
  LATCHED.has(finding.detector) ? { ...finding, latched: true } : finding;
