/** Watches several nodes of one site: each by itself, and all against each other. */
import {
  type Finding,
  findingSchema,
  idSchema,
  isWorseLevel,
  levelOfScore,
  MAX_STATED_NODES,
  parseOwn,
  type RiskLevel,
  type SentinelReport,
  wordSchema,
} from "@dgb-shield/contract";
import { z } from "zod";
import type { ChainParameters } from "@dgb-shield/chain";
import { advance, type LiveClock, NO_LIVE_CLOCK, readingOf } from "../clock/clock.js";
import { clockStateSchema, emptyClock } from "../clock/clock-state.js";
import { SentinelError } from "../errors.js";
import { errorText } from "../internal/error-text.js";
import { sealed } from "../internal/frozen.js";
import { has, ownMember } from "../internal/own.js";
import { parseObservation } from "../observation/read-observation.js";
import type { Observation } from "../observation/observation.js";
import { createSentinel, type Sentinel } from "../sentinel.js";
import { type Branch, branchesOf, type Split, splitsOf, unclearNodes } from "./branches.js";
import {
  divergenceOf,
  downTogetherOf,
  type Episode,
  type FleetFinding,
  laggingOf,
  outdatedOf,
  causeOf,
  ruleSplitOf,
  SPLIT_CAUSES,
} from "./findings.js";
import { type NodeView, nodeViewSchema, unseenNode, withObservation } from "./node-view.js";

/** Most nodes of a fleet: as many as a statement of the tip may name. */
export const MAX_FLEET = MAX_STATED_NODES;

const episodeSchema = z.strictObject({
  key: z.string().max(128),
  fork_height: z.int().min(0).nullable(),
  since_ms: z.int(),
  cause: z.enum(SPLIT_CAUSES).nullable(),
});

/** The whole state of a fleet, as JSON. */
export const fleetStateSchema = sealed(
  z.strictObject({
    version: z.literal(1),
    chain: wordSchema,
    clock: clockStateSchema,
    nodes: z.array(nodeViewSchema).max(MAX_FLEET),
    episodes: z.array(episodeSchema).max(MAX_FLEET),
    findings: z.array(findingSchema),
    sentinels: z.record(idSchema, z.json()),
  }),
);
/** See `fleetStateSchema`. */
export type FleetState = z.infer<typeof fleetStateSchema>;

/** Options of `createFleet`. */
export type FleetOptions = Readonly<{
  chain: ChainParameters;
  /** Names of the nodes, each once; 1–64. */
  nodes: readonly string[];
  /** What `state()` returned before; default: no observation yet. */
  state?: unknown;
}>;

/** A branch, and the nodes that follow it. */
export type FollowedBranch = Readonly<{
  tip_hash: string;
  tip_height: number;
  chainwork: string | null;
  /** Last block shared with the branch of most work; null for that one itself, or where it is not known. */
  fork_height: number | null;
  nodes: readonly Readonly<{
    node_id: string;
    height: number;
    software: string | null;
    /** Whether its last observation showed its tip; a node that is silent is where it was last. */
    is_watched: boolean;
  }>[];
}>;

/** What a fleet reports. */
export type FleetReport = Readonly<{
  chain: string;
  observed_at_ms: number;
  /** The worst of all nodes and of the fleet. */
  level: RiskLevel;
  score: number;
  /** One report for each node that was ever observed, in the order of the configuration. */
  reports: readonly SentinelReport[];
  /** The branch of most work first. */
  branches: readonly FollowedBranch[];
  /** Findings of the fleet, worst first; those of the nodes are in their reports. */
  findings: readonly Finding[];
}>;

/** The watch over several nodes. */
export type Fleet = Readonly<{
  /**
   * Takes one observation of each node, or of some of them; what cannot be read is a finding of its node.
   *
   * @throws RangeError for an observation that is of no node of the fleet
   */
  observe(observations: readonly Observation[]): FleetReport;
  /** Names of nodes whose list of tips would show more: those on different branches, or six blocks behind on one. */
  needsTips(): readonly string[];
  /** The watch over one node, for orders to it. */
  sentinel(nodeId: string): Sentinel | undefined;
  state(): FleetState;
}>;

/** How much of a stored state is read. */
const BOUNDS = { maxDepth: 20, maxEntries: 1_000_000 } as const;

/**
 * Creates the watch over several nodes of one chain.
 *
 * @throws SentinelError `invalid_config`, `invalid_state`, `state_of_another_node`
 * @example
 * const fleet = createFleet({ chain: digibyte, nodes: ["a", "b"] });
 * const { branches, findings } = fleet.observe(await Promise.all(sources.map((one) => one.poll())));
 */
export function createFleet({ chain, nodes, state: stored }: FleetOptions): Fleet {
  const ids = checkedNodes(nodes);
  let state = stored === undefined ? emptyState(chain, ids) : restored(stored, chain, ids);
  let live: LiveClock = NO_LIVE_CLOCK;
  const sentinels = new Map(ids.map((node_id) => [node_id, sentinelOf(node_id, chain, state)]));
  const reports = new Map<string, SentinelReport>();
  let apart: readonly string[] = [];

  return Object.freeze({
    observe(observations) {
      const given = observations.map((observation) => {
        const read = parseObservation(observation);
        const node_id = read.ok ? read.value.node_id : nodeIdOf(observation);
        const sentinel = sentinels.get(node_id);
        if (sentinel !== undefined) return { observation, read, node_id, sentinel };
        throw new RangeError("an observation of no node of this fleet: check its node_id");
      });
      for (const { observation, read, node_id, sentinel } of given) {
        const report = sentinel.observe(observation);
        reports.set(node_id, report);
        if (!read.ok) {
          state = { ...state, nodes: state.nodes.map((view) => unreadable(view, node_id)) };
          continue;
        }
        const isRefused = report.findings.some(({ detector }) => detector === "wrong_chain");
        const reading = readingOf(read.value.at_ms, read.value.monotonic_ms);
        const clock = advance({ state: state.clock, live }, reading);
        if (!has(clock, "state") || isRefused) continue;
        live = clock.live;
        const nowMs = clock.state.times.most_ms;
        state = {
          ...state,
          clock: clock.state,
          nodes: state.nodes.map((view) =>
            view.node_id === node_id ? withObservation(view, read.value, nowMs) : view,
          ),
        };
      }
      const judged = judge(state, chain, reports);
      state = judged.state;
      apart = judged.apart;
      return reportOf(state, judged.branches, judged.splits, ids, reports);
    },
    needsTips: () => apart,
    sentinel: (nodeId) => sentinels.get(nodeId),
    state: () => ({
      ...structuredClone(state),
      sentinels: Object.fromEntries([...sentinels].map(([node_id, one]) => [node_id, one.state()])),
    }),
  } satisfies Fleet);
}

/** The name that an observation gives, where nothing else of it can be read. */
function nodeIdOf(observation: unknown): string {
  const isObject = typeof observation === "object" && observation !== null;
  const given = isObject ? ownMember(observation, "node_id") : undefined;
  return typeof given === "string" ? given : "";
}

const unreadable = (view: NodeView, nodeId: string): NodeView =>
  view.node_id === nodeId ? { ...view, is_watched: false } : view;

type Judged = Readonly<{
  state: FleetState;
  branches: readonly Branch[];
  splits: readonly Split[];
  apart: readonly string[];
}>;

function judge(
  state: FleetState,
  chain: ChainParameters,
  reports: ReadonlyMap<string, SentinelReport>,
): Judged {
  const nowMs = state.clock.times.most_ms;
  const branches = branchesOf(state.nodes);
  const splits = splitsOf(branches);
  const retiredOn = new Set(
    [...reports.values()]
      .filter(({ findings }) =>
        findings.some(({ detector, severity }) => detector === "retired_algorithm" && severity > 0),
      )
      .map(({ node_id }) => node_id),
  );
  const episodes = splits.map((split) =>
    withCause(episodeOf(split, state.episodes, nowMs), split, nowMs, { chain, retiredOn }),
  );
  const [main] = branches;
  const raised: FleetFinding[] = [
    ...splits.flatMap((split, i) => {
      const episode = episodes[i] as Episode;
      const found = [...divergenceOf(split, episode, nowMs, chain), ...ruleSplitOf(split, episode)];
      return found.length === 0 ? [] : [...found, ...outdatedOf(split)];
    }),
    ...(main === undefined ? [] : laggingOf(main, state.nodes.length, nowMs, chain)),
    ...downTogetherOf(state.nodes, main?.tip.height ?? 0),
  ];
  const known = new Map(state.findings.map((one) => [one.finding_id, one.detected_at_ms]));
  const findings = raised
    .map((finding) => ({
      ...finding,
      detected_at_ms: known.get(finding.finding_id) ?? state.clock.wall_ms,
    }))
    .toSorted((a, b) => b.severity - a.severity || (a.finding_id < b.finding_id ? -1 : 1));
  const apart = unclearNodes(branches);
  return {
    state: { ...state, episodes: [...episodes], findings },
    ...{ branches, splits },
    apart: apart.map(({ node_id }) => node_id),
  };
}

/** What once showed that the nodes differ in rules holds until they follow one chain again. */
const withCause = (
  episode: Episode,
  split: Split,
  nowMs: number,
  context: Parameters<typeof causeOf>[3],
): Episode => ({ ...episode, cause: episode.cause ?? causeOf(split, episode, nowMs, context) });

/** The episode that a split belongs to: one from the same fork goes on. */
function episodeOf(
  { fork_height, other }: Split,
  before: readonly Episode[],
  nowMs: number,
): Episode {
  const running = before.find((one) => one.fork_height === fork_height);
  return (
    running ?? {
      key: `${fork_height ?? "below"}:${other.tip.hash.slice(-16)}`,
      fork_height,
      since_ms: nowMs,
      cause: null,
    }
  );
}

function reportOf(
  { clock, findings, chain }: FleetState,
  branches: readonly Branch[],
  splits: readonly Split[],
  ids: readonly string[],
  reports: ReadonlyMap<string, SentinelReport>,
): FleetReport {
  const each = ids.flatMap((node_id) => reports.get(node_id) ?? []);
  const score = Math.max(0, findings[0]?.severity ?? 0, ...each.map((one) => one.score));
  const worst = [levelOfScore(score), ...each.map(({ level }) => level)].reduce((a, b) =>
    isWorseLevel(b, a) ? b : a,
  );
  return {
    chain,
    observed_at_ms: clock.wall_ms,
    level: worst,
    score,
    reports: each,
    branches: branches.map(({ tip, chainwork, nodes }) => ({
      ...{ tip_hash: tip.hash, tip_height: tip.height, chainwork },
      fork_height: splits.find(({ other }) => other.tip.hash === tip.hash)?.fork_height ?? null,
      nodes: nodes.map(({ node_id, software, is_watched, chain: blocks }) => ({
        ...{ node_id, software, is_watched, height: blocks.at(-1)?.height ?? 0 },
      })),
    })),
    findings: structuredClone(findings),
  };
}

const emptyState = (chain: ChainParameters, ids: readonly string[]): FleetState => ({
  version: 1,
  chain: chain.name,
  clock: emptyClock(),
  nodes: ids.map(unseenNode),
  episodes: [],
  findings: [],
  sentinels: {},
});

function restored(stored: unknown, chain: ChainParameters, ids: readonly string[]): FleetState {
  const read = parseOwn(fleetStateSchema, stored, BOUNDS);
  if (!read.ok) {
    const detail = errorText(fleetStateSchema, stored, read.path);
    throw new SentinelError(
      "invalid_state",
      read.path,
      `${detail}: give what state() gave, or none`,
    );
  }
  const { value: state } = read;
  if (state.chain !== chain.name) {
    const detail = `the state is of ${state.chain}, not of ${chain.name}: give the state of ${chain.name}, or none`;
    throw new SentinelError("state_of_another_node", "/chain", detail);
  }
  const known = new Map<string, NodeView>(state.nodes.map((view) => [view.node_id, view]));
  return { ...state, nodes: ids.map((node_id) => known.get(node_id) ?? unseenNode(node_id)) };
}

function sentinelOf(node_id: string, chain: ChainParameters, { sentinels }: FleetState): Sentinel {
  const state = Object.hasOwn(sentinels, node_id) ? sentinels[node_id] : undefined;
  return createSentinel({ node_id, chain, ...(state !== undefined && { state }) });
}

function checkedNodes(nodes: readonly string[]): readonly string[] {
  const read = parseOwn(z.array(idSchema).min(1).max(MAX_FLEET), nodes, {
    maxDepth: 2,
    maxEntries: MAX_FLEET + 1,
  });
  if (!read.ok) {
    const detail = `give 1 to ${MAX_FLEET} names of nodes`;
    throw new SentinelError("invalid_config", `/nodes${read.path}`, detail);
  }
  if (new Set(read.value).size === read.value.length) return read.value;
  throw new SentinelError("invalid_config", "/nodes", "two nodes have one name: give each once");
}
