/** Makes defense events of a Sentinel report: local evidence (design, sections 5 and 6). */
import {
  DEFAULT_MAX_CLOCK_SKEW_MS,
  type DefenseEvent,
  type Finding,
  type RiskLevel,
  SCALE,
  type SentinelReport,
  sentinelReportSchema,
  type TimeReading,
} from "@dgb-shield/contract";
import {
  type EventOptions,
  idOf,
  type Making,
  makingOf,
  malformed,
  summaryOf,
  restsOn,
} from "./make-event.js";
import { readInput } from "./read-input.js";

const LEAST_SCORE: Readonly<Record<RiskLevel, number>> = Object.freeze({ normal: 0, ...SCALE });

/**
 * Makes the `event_id` of a Sentinel finding, for an operator's release.
 *
 * @param nodeId the watched node
 * @param findingId `finding_id` of the finding
 * @example sentinelEventId("node-1", "block_stall:9") // "sentinel:node-1:block_stall:9"
 */
export const sentinelEventId = (nodeId: string, findingId: string): string =>
  nodeId.includes(":")
    ? `sentinel:${restsOn(nodeId, findingId)}`
    : idOf("sentinel", nodeId, findingId);

/**
 * Makes one `sentinel_alert` for each finding, and what the findings alone do not show: `sentinel_level`, a
 * level that is worse than they are (a circuit breaker), and `node_unwatched`, a node that is not
 * watched, or a report that is stale, dated in the future or of a clock that is not trusted, which is
 * elevated. A latched finding
 * latches. Observed is when the finding was detected, so that a finding which an operator released
 * stays released until it is detected anew or worsens.
 *
 * @param report a `SentinelReport`; a malformed one is a critical `malformed_event`
 * @param reading the clock now; one that gives no time is a critical `malformed_event`
 * @param options how long the events count, 600,000 ms by default
 */
export function eventsFromSentinel(
  report: SentinelReport,
  reading: TimeReading,
  options: EventOptions = {},
): DefenseEvent[] {
  const { making, fault } = makingOf(reading, options);
  if (making === undefined) return [fault];
  const read = readInput(sentinelReportSchema, report);
  if (!read.ok) return [malformed("Sentinel report", read.path, making)];
  const context: Context = { report: read.value, making };
  return [
    ...read.value.findings.map((finding) => eventOfFinding(finding, context)),
    ...eventOfLevel(context),
    ...eventOfStatus(context),
  ];
}

type Context = Readonly<{ report: SentinelReport; making: Making }>;

const expiryOf = ({ now_ms, ttl_ms }: Making): number => now_ms + ttl_ms;

// [FULL sentinel_alert] a finding, as severe as it is
function eventOfFinding(finding: Finding, { report, making }: Context): DefenseEvent {
  return {
    event_id: sentinelEventId(report.node_id, finding.finding_id),
    type: "sentinel_alert",
    severity: finding.severity,
    source: "sentinel",
    observed_at_ms: finding.detected_at_ms,
    expires_at_ms: finding.latched ? null : expiryOf(making),
    local: true,
    summary: summaryOf(`${finding.detector}: ${finding.summary}`),
  };
}

function eventOfLevel(context: Context): DefenseEvent[] {
  const { level, score, findings } = context.report;
  const severity = Math.max(score, LEAST_SCORE[level]);
  const isReported = findings.some((finding) => finding.severity >= severity);
  if (severity < SCALE.elevated || isReported) return [];
  const found = findings.map(({ finding_id, detected_at_ms }) => [finding_id, detected_at_ms]);
  const basis = restsOn(level, found.sort());
  // [FULL sentinel_level] the level is worse than every finding
  const summary = `Sentinel level is ${level}`;
  return [reportEvent("sentinel_level", { severity, basis, summary }, context)];
}

function eventOfStatus(context: Context): DefenseEvent[] {
  const { report, making } = context;
  const { now_ms, ttl_ms } = making;
  const isStale = report.observed_at_ms + ttl_ms < now_ms;
  const isEarly = report.observed_at_ms > now_ms + DEFAULT_MAX_CLOCK_SKEW_MS;
  const faults = [
    ...(isStale ? ["the report is stale"] : []),
    ...(isEarly ? ["the report is dated in the future"] : []),
    ...(report.status === "WATCHING" ? [] : [`the node is ${report.status}`]),
    ...(report.clock === "trusted" ? [] : [`the clock of its observer is ${report.clock}`]),
  ];
  if (faults.length === 0) return [];
  // [ELEVATED node_unwatched] the report is stale, early, of an untrusted clock or of a node that is not watched
  const summary = faults.join(", ");
  const basis = restsOn(summary);
  return [reportEvent("node_unwatched", { severity: SCALE.elevated, basis, summary }, context)];
}

function reportEvent(
  type: string,
  { severity, basis, summary }: Readonly<{ severity: number; basis: string; summary: string }>,
  { report, making }: Context,
): DefenseEvent {
  return {
    event_id: idOf("sentinel_report", report.node_id, type, basis),
    type,
    severity,
    source: "sentinel",
    observed_at_ms: report.observed_at_ms,
    expires_at_ms: expiryOf(making),
    local: true,
    summary: summaryOf(`${report.node_id}: ${summary}`),
  };
}
