/** Defence events of a Sentinel report: local evidence (design: layers 1 and 3). */
import {
  type DefenseEvent,
  type Finding,
  type RiskLevel,
  SCALE,
  type SentinelReport,
  sentinelReportSchema,
} from "@dgb-shield/contract";
import { type EventOptions, expiryOf, idOf, nodeEvent, summaryOf } from "./make-event.js";
import { readInput } from "./read-input.js";

const LEAST_SCORE: Readonly<Record<RiskLevel, number>> = { normal: 0, ...SCALE };

/**
 * One `sentinel_alert` for each finding, and what the findings alone do not say: a level that is
 * worse than they are (a circuit breaker), and a node that is not watched or a report that is
 * stale, which is elevated. A latched finding latches. Observed is when the finding was detected,
 * so that a finding which an operator released stays released until it is detected anew or worsens.
 *
 * @param report a `SentinelReport`; a malformed one is a critical `malformed_event`
 * @param nowMs milliseconds since 1970-01-01T00:00:00Z
 */
export function eventsFromSentinel(
  report: SentinelReport,
  nowMs: number,
  options: EventOptions = {},
): DefenseEvent[] {
  const read = readInput(sentinelReportSchema, report);
  if (!read.ok) {
    const summary = `Sentinel report at ${read.path || "/"}`;
    return [nodeEvent({ type: "malformed_event", summary }, nowMs, options)];
  }
  const context: Context = { report: read.value, nowMs, options };
  return [
    ...read.value.findings.map((finding) => eventOfFinding(finding, context)),
    ...eventOfLevel(context),
    ...eventOfStatus(context),
  ];
}

type Context = Readonly<{ report: SentinelReport; nowMs: number; options: EventOptions }>;

function eventOfFinding(finding: Finding, { report, nowMs, options }: Context): DefenseEvent {
  return {
    event_id: idOf("sentinel", report.node_id, finding.finding_id),
    type: "sentinel_alert",
    severity: finding.severity,
    source: "sentinel",
    observed_at_ms: finding.detected_at_ms,
    expires_at_ms: finding.latched ? null : expiryOf(nowMs, options),
    local: true,
    summary: summaryOf(`${finding.detector}: ${finding.summary}`),
  };
}

function eventOfLevel(context: Context): DefenseEvent[] {
  const { level, score, findings } = context.report;
  const severity = Math.max(score, LEAST_SCORE[level]);
  const isSaid = findings.some((finding) => finding.severity >= severity);
  if (severity < SCALE.elevated || isSaid) return [];
  return [
    reportEvent("sentinel_alert", { severity, summary: `Sentinel level is ${level}` }, context),
  ];
}

function eventOfStatus(context: Context): DefenseEvent[] {
  const { report, nowMs, options } = context;
  const isStale = expiryOf(report.observed_at_ms, options) < nowMs;
  if (report.status === "WATCHING" && !isStale) return [];
  const summary = isStale ? "the report is stale" : `the node is ${report.status}`;
  return [reportEvent("node_unwatched", { severity: SCALE.elevated, summary }, context)];
}

function reportEvent(
  type: string,
  { severity, summary }: Readonly<{ severity: number; summary: string }>,
  { report, nowMs, options }: Context,
): DefenseEvent {
  return {
    event_id: idOf("sentinel_report", report.node_id, type),
    type,
    severity,
    source: "sentinel",
    observed_at_ms: report.observed_at_ms,
    expires_at_ms: expiryOf(nowMs, options),
    local: true,
    summary: summaryOf(`${report.node_id}: ${summary}`),
  };
}
