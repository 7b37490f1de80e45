/** An incident as the log keeps it: what it was at its worst, and when it ended. */
import { riskLevelSchema, scoreSchema, timeMsSchema } from "@dgb-shield/contract";
import { z } from "zod";
import type { Incident, PastIncident } from "../../service.js";

/** Findings and events of one incident that are kept, and characters of a text. */
const [MAX_LISTED, MAX_TEXT] = [32, 512];

const text = z.string().max(MAX_TEXT);

/** What is kept. */
export const pastIncidentSchema = z.strictObject({
  incident_id: text,
  cause: text,
  severity: scoreSchema,
  level: riskLevelSchema,
  since_ms: timeMsSchema,
  ended_ms: timeMsSchema.nullable(),
  summary: text,
  findings: z
    .array(z.strictObject({ node_id: text, finding_id: text, summary: text }))
    .max(MAX_LISTED),
  defense_events: z.array(text).max(MAX_LISTED),
  latched: z.boolean(),
  released: z.strictObject({ at_ms: timeMsSchema, operator: text, reason: text }).nullable(),
});

/** A moment of an incident, added to what is known of it: the worst counts. */
export function seen(now: Incident, before: PastIncident | undefined): PastIncident {
  const isWorse = before === undefined || now.severity >= before.severity;
  const { severity, level, summary } = isWorse ? now : before;
  const findings = [...(before?.findings ?? []), ...now.findings.map(cutFinding)];
  const named = new Map(findings.map((one) => [`${one.node_id} ${one.finding_id}`, one]));
  const events = new Set([...(before?.defense_events ?? []), ...now.defense_events.map(cut)]);
  return {
    ...{ incident_id: cut(now.incident_id), cause: cut(now.cause), since_ms: now.since_ms },
    ...{ severity, level, summary: cut(summary), ended_ms: null },
    findings: [...named.values()].slice(0, MAX_LISTED),
    defense_events: [...events].slice(0, MAX_LISTED),
    latched: now.latched || (before?.latched ?? false),
    released: before?.released ?? null,
  };
}

/** PostgreSQL has no text with U+0000. */
const cut = (value: string): string =>
  value.slice(0, MAX_TEXT).toWellFormed().replaceAll("\0", "\ufffd");

const cutFinding = ({ node_id, finding_id, summary }: Incident["findings"][number]) => ({
  ...{ node_id: cut(node_id), finding_id: cut(finding_id), summary: cut(summary) },
});

/** Whether an incident was open in a time range. */
export const isWithin = (
  { since_ms, ended_ms }: PastIncident,
  { from_ms, to_ms }: Readonly<{ from_ms: number; to_ms: number }>,
): boolean => since_ms <= to_ms && (ended_ms ?? Infinity) >= from_ms;
