/** Groups findings and what they caused in the defense to incidents, one a cause (design, section 10). */
import {
  type DefenseEvent,
  type Finding,
  levelOfScore,
  type SentinelReport,
} from "@dgb-shield/contract";
import type { Overview } from "../../pipeline/index.js";
import type { Incident } from "../service.js";

/** Name of a node's findings that all nodes together have. */
const TOGETHER = "fleet";

type Found = Readonly<{ node_id: string; finding: Finding }>;

type Group = Readonly<{ findings: Found[]; events: DefenseEvent[] }>;

/** Lists the open incidents, worst first. What the network's view makes of the site's own findings belongs to the worst of them. */
export function incidentsOf({ reports, together, defense }: Overview): Incident[] {
  const found: Found[] = [
    ...reports.flatMap(findingsOf),
    ...(together?.findings ?? []).map((finding) => ({ node_id: TOGETHER, finding })),
  ];
  const causes = new Map<string, Group>();
  const at = (cause: string): Group => {
    const one = causes.get(cause) ?? { findings: [], events: [] };
    causes.set(cause, one);
    return one;
  };
  for (const one of found) at(one.finding.detector).findings.push(one);
  const [echoes, others] = [
    defense.events.filter(isEcho),
    defense.events.filter((e) => !isEcho(e)),
  ];
  for (const event of others) at(causeOf(event)).events.push(event);
  const own = sorted([...causes].map(([cause, group]) => incidentOf(cause, group)));
  for (const echo of echoes) at(own[0]?.cause ?? causeOf(echo)).events.push(echo);
  return sorted([...causes].map(([cause, group]) => incidentOf(cause, group)));
}

const sorted = (incidents: readonly Incident[]): Incident[] =>
  incidents.toSorted((a, b) => b.severity - a.severity || (a.incident_id < b.incident_id ? -1 : 1));

/** Whether an event is the network's view: where this site found something itself, that is what it shows. */
const isEcho = ({ source }: DefenseEvent): boolean => source === "dqsn";

const findingsOf = ({ node_id, findings }: SentinelReport): Found[] =>
  findings.map((finding) => ({ node_id, finding }));

/** The detector whose finding an event is, else its type: by that name it is released. */
function causeOf({ source, type, summary }: DefenseEvent): string {
  const [, detector] = /^([a-z][a-z0-9_]{0,63}): /.exec(summary) ?? [];
  return source === "sentinel" && type === "sentinel_alert" && detector !== undefined
    ? detector
    : type;
}

function incidentOf(cause: string, { findings, events }: Group): Incident {
  const severity = Math.max(
    ...findings.map(({ finding }) => finding.severity),
    ...events.map((event) => event.severity),
  );
  const own = events.filter((event) => !isEcho(event));
  const times = [
    ...findings.map(({ finding }) => finding.detected_at_ms),
    ...own.map((event) => event.observed_at_ms),
  ];
  const since_ms = Math.min(
    ...(times.length > 0 ? times : events.map((event) => event.observed_at_ms)),
  );
  const worst = [...findings].sort((a, b) => b.finding.severity - a.finding.severity)[0];
  return {
    incident_id: `${cause}-${since_ms}`,
    cause,
    severity,
    level: levelOfScore(severity),
    since_ms,
    summary: worst?.finding.summary ?? events[0]?.summary ?? cause,
    findings: findings.map(({ node_id, finding }) => ({
      node_id,
      finding_id: finding.finding_id,
      summary: finding.summary,
    })),
    defense_events: events.map(({ event_id }) => event_id),
    latched:
      findings.some(({ finding }) => finding.latched) ||
      events.some(({ expires_at_ms }) => expires_at_ms === null),
  };
}
