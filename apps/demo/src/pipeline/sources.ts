/** Tracks the site's own nodes: the Sentinel of each, its last report, and how old that is (design, section 3). */
import {
  type CheckedTime,
  DEFAULT_MAX_CLOCK_SKEW_MS,
  type RiskLevel,
  type SentinelReport,
  worstLevel,
} from "@dgb-shield/contract";
import type { Observation, Sentinel } from "@dgb-shield/sentinel";

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
  states(now: CheckedTime | undefined, maxAgeMs: number): readonly SourceState[];
}>;

/** Watches own nodes. */
export function createSources(sentinels: ReadonlyMap<string, Sentinel>): Sources {
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
    has: (nodeId) => sentinels.has(nodeId),
    observe(observation, now) {
      const sentinel = sentinels.get(nodeIdOf(observation));
      const report = sentinel?.observe(observation);
      if (report !== undefined) {
        latest.set(report.node_id, { report, receivedMs: now?.time_ms ?? null });
      }
      return report;
    },
    reports: () => [...sentinels.keys()].flatMap((nodeId) => latest.get(nodeId)?.report ?? []),
    nodeIds: () => [...sentinels.keys()],
    sentinel: (nodeId) => sentinels.get(nodeId),
    states: (now, maxAgeMs) =>
      [...sentinels.keys()].map((nodeId) => stateOf(nodeId, now, maxAgeMs)),
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
