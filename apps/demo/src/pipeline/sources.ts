/** Tracks the site's own nodes: the fleet that watches them, each last report, and how old that is (design, section 3). */
import {
  type CheckedTime,
  DEFAULT_MAX_CLOCK_SKEW_MS,
  type RiskLevel,
  type SentinelReport,
  worstLevel,
} from "@dgb-shield/contract";
import type { Fleet, FleetReport, FleetState, Observation, Sentinel } from "@dgb-shield/sentinel";

/** What is known of one own node at the moment of a decision. */
export type SourceState = Readonly<{
  node_id: string;
  /** UNSEEN: it has not reported since the start. */
  status: SentinelReport["status"] | "UNSEEN";
  level: RiskLevel;
  observed_at_ms: number | null;
  /** Since it was observed or received, whichever is longer, in milliseconds; null where that is unknown. */
  age_ms: number | null;
  /** WATCHING, and young enough to decide by. */
  fresh: boolean;
}>;

/** The tip that a node showed last. */
export type LastTip = Readonly<{
  node_id: string;
  tip: Readonly<{ hash: string; height: number }>;
}>;

/** The own nodes. */
export type Sources = Readonly<{
  /** Whether a node is one of the site's own. */
  has(nodeId: string): boolean;
  /** Takes an observation in; undefined where it is of no own node. */
  observe(observation: Observation, now: CheckedTime | undefined): SentinelReport | undefined;
  /** Reports so far, in the order of the configuration. */
  reports(): readonly SentinelReport[];
  nodeIds(): readonly string[];
  sentinel(nodeId: string): Sentinel | undefined;
  /** What the nodes show together; null before the first observation. */
  together(): FleetReport | null;
  /** Names of nodes whose list of tips would show more. */
  needsTips(): readonly string[];
  /** Which findings there are, and how severe: of each node, then of the fleet; the same list until the next observation. */
  found(): readonly (readonly (readonly [string, number])[])[];
  state(): FleetState;
  /** Time of the newest observation, also before a restart; 0 before the first. */
  lastObservedMs(): number;
  lastTips(): readonly LastTip[];
  states(now: CheckedTime | undefined, maxAgeMs: number): readonly SourceState[];
}>;

/** Watches own nodes. */
export function createSources(fleet: Fleet, nodeIds: readonly string[]): Sources {
  const known: ReadonlySet<string> = new Set(nodeIds);
  let together: FleetReport | null = null;
  let found: ReturnType<Sources["found"]> | undefined;
  const latest = new Map<string, Readonly<{ report: SentinelReport; receivedMs: number | null }>>();

  function stateOf(nodeId: string, now: CheckedTime | undefined, maxAgeMs: number): SourceState {
    const last = latest.get(nodeId);
    if (last === undefined) {
      return {
        node_id: nodeId,
        status: "UNSEEN",
        level: "critical",
        observed_at_ms: null,
        age_ms: null,
        fresh: false,
      };
    }
    const { status, level, observed_at_ms } = last.report;
    const age_ms =
      now === undefined || last.receivedMs === null
        ? null
        : ageOf(observed_at_ms, last.receivedMs, now);
    const fresh = status === "WATCHING" && age_ms !== null && age_ms <= maxAgeMs;
    return { node_id: nodeId, status, level, observed_at_ms, age_ms, fresh };
  }

  return Object.freeze({
    has: (nodeId) => known.has(nodeId),
    observe(observation, now) {
      const nodeId = nodeIdOf(observation);
      if (!known.has(nodeId)) return undefined;
      found = undefined;
      together = fleet.observe([observation]);
      const report = together.reports.find(({ node_id }) => node_id === nodeId);
      if (report !== undefined) latest.set(nodeId, { report, receivedMs: now?.time_ms ?? null });
      return report;
    },
    reports: () => nodeIds.flatMap((nodeId) => latest.get(nodeId)?.report ?? []),
    nodeIds: () => nodeIds,
    sentinel: (nodeId) => fleet.sentinel(nodeId),
    together: () => together,
    needsTips: () => fleet.needsTips(),
    found: () =>
      (found ??= [
        ...nodeIds.map((nodeId) => latest.get(nodeId)?.report.findings ?? []),
        together?.findings ?? [],
      ].map((findings) =>
        findings.map(({ finding_id, severity }) => [finding_id, severity] as const),
      )),
    state: () => fleet.state(),
    lastObservedMs: () => fleet.state().clock.wall_ms,
    lastTips: () =>
      fleet.state().nodes.flatMap(({ node_id, chain }) => {
        const tip = chain.at(-1);
        return tip === undefined ? [] : [{ node_id, tip }];
      }),
    states: (now, maxAgeMs) => nodeIds.map((nodeId) => stateOf(nodeId, now, maxAgeMs)),
  } satisfies Sources);
}

/** The node that an observation names; an empty text where it names none. */
function nodeIdOf(observation: unknown): string {
  if (typeof observation !== "object" || observation === null) return "";
  const named: unknown = Object.getOwnPropertyDescriptor(observation, "node_id")?.value;
  return typeof named === "string" ? named : "";
}

/** The age of a report by both of its times; null where it is dated in the future: one of the clocks is wrong. */
function ageOf(
  observedMs: number,
  receivedMs: number,
  { time_ms, wall_ms }: CheckedTime,
): number | null {
  if (observedMs > wall_ms + DEFAULT_MAX_CLOCK_SKEW_MS) return null;
  return Math.max(0, time_ms - receivedMs, wall_ms - observedMs);
}

/**
 * The level that the own nodes stand for: the worst of the fresh ones. Without a fresh one it is the
 * worst that was known and at least elevated; without any report it is critical.
 */
export function levelOfSources(states: readonly SourceState[]): RiskLevel {
  const fresh = states.filter((state) => state.fresh);
  if (fresh.length > 0) return worstLevel(fresh.map(({ level }) => level));
  const known = states.filter(({ status }) => status !== "UNSEEN");
  return known.length === 0
    ? "critical"
    : worstLevel(["elevated", ...known.map(({ level }) => level)]);
}
