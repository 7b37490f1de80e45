/** Keeps how the last seven days went, in bounded memory: heights, states, the network's view, blocks (design, section 9). */
import type { ChainParameters } from "@dgb-shield/chain";
import { ADVISORY_LEVELS, RISK_LEVELS } from "@dgb-shield/contract";
import type { FollowedBranch, Observation } from "@dgb-shield/sentinel";
import type { Overview } from "../../../pipeline/index.js";
import { type History, SERVICE_STATES, type ServiceStatus, type SideTip } from "../../service.js";
import { createBlockHistory } from "./blocks.js";
import type { HistoryEntry } from "./entry.js";
import type { HistoryJournal } from "./journal.js";
import { bucketOf, BUCKETS, createRing, type Ring, STEP_MS } from "./rings.js";

/** Nodes whose heights are kept. */
const MAX_NODES = 64;
/** Changes of who follows which branch that are kept, and bytes of them. */
const MAX_CHANGES = 2_000;
const MAX_CHANGE_BYTES = 4 * 1_048_576;

/** The recorder. */
export type HistoryKeeper = Readonly<{
  /** Takes in what an own node shows; in the process that watches alone. */
  observe(observation: Observation): void;
  /** Takes in how everything is. */
  sample(status: Pick<ServiceStatus, "state" | "sources">, overview: Overview): void;
  /** Side tips; null where no node was watched here. */
  tips(): readonly SideTip[] | null;
  read(hours: number, points: number, nowMs: number): History;
  /** Keeps what the running minute has. */
  close(): Promise<void>;
}>;

type NodeRings = Readonly<{ heights: Ring; levels: Ring }>;
type Change = Readonly<{ at_ms: number; branches: readonly FollowedBranch[]; bytes: number }>;

/**
 * Creates the recorder: about 160 kB a node, and 2 MB for the rest.
 *
 * @param journal what is kept over restarts; left out: nothing is
 */
export function createHistory(chain: ChainParameters, journal?: HistoryJournal): HistoryKeeper {
  const keep = (entry: HistoryEntry): void => journal?.append(entry);
  const blocks = createBlockHistory(chain, keep);
  const [states, scores, advisories] = [createRing(), createRing(), createRing()];
  const nodes = new Map<string, NodeRings>();
  const changes: Change[] = [];
  let changeBytes = 0;
  let lastShape = "";
  let since: number | null = null;
  let isWatching = false;
  let hasBlocks = false;
  /** The minute that runs. */
  let running: number | null = null;

  function ringsOf(node_id: string): NodeRings {
    const rings = nodes.get(node_id) ?? { heights: createRing(), levels: createRing() };
    if (nodes.size < MAX_NODES) nodes.set(node_id, rings);
    return rings;
  }

  function note(at_ms: number, branches: readonly FollowedBranch[]): boolean {
    const shape = shapeOf(branches);
    if (shape === lastShape) return false;
    lastShape = shape;
    const bytes = JSON.stringify(branches).length;
    changes.push({ at_ms, branches, bytes });
    changeBytes += bytes;
    while (changes.length > MAX_CHANGES || (changeBytes > MAX_CHANGE_BYTES && changes.length > 1)) {
      changeBytes -= changes.shift()?.bytes ?? 0;
    }
    return true;
  }

  function restore(entry: HistoryEntry): void {
    if (entry.kind === "block" || entry.kind === "reorg") {
      hasBlocks = true;
      blocks.restore(entry);
    } else if (entry.kind === "change") {
      note(entry.at_ms, entry.branches);
    } else {
      const { bucket, state, score, advisory } = entry;
      since = Math.min(since ?? Infinity, bucket * STEP_MS);
      if (state !== null) worse(states, bucket, state);
      if (score !== null) worse(scores, bucket, score);
      if (advisory !== null) worse(advisories, bucket, advisory);
      for (const { node_id, height, level } of entry.nodes) {
        const rings = ringsOf(node_id);
        if (height !== null) rings.heights.set(bucket, height);
        if (level !== null) worse(rings.levels, bucket, level);
      }
    }
  }
  for (const entry of journal?.entries ?? []) restore(entry);

  /** Keeps a minute that is over, or ends with the process. */
  function keepMinute(bucket: number): void {
    keep({
      ...{ kind: "minute", bucket, state: orNull(states.at(bucket)) },
      ...{ score: orNull(scores.at(bucket)), advisory: orNull(advisories.at(bucket)) },
      nodes: [...nodes].map(([node_id, { heights, levels }]) => ({
        ...{ node_id, height: orNull(heights.at(bucket)), level: orNull(levels.at(bucket)) },
      })),
    });
  }

  return Object.freeze({
    observe(observation) {
      isWatching = true;
      blocks.observe(observation);
    },
    sample({ state, sources }, { at_ms, view, reports, together }) {
      since ??= at_ms;
      const bucket = bucketOf(at_ms);
      if (running !== null && running !== bucket) keepMinute(running);
      running = bucket;
      worse(states, bucket, SERVICE_STATES.length - SERVICE_STATES.indexOf(state));
      worse(scores, bucket, view.score);
      worse(advisories, bucket, ADVISORY_LEVELS.indexOf(view.level));
      const fresh = new Set(sources.filter((one) => one.fresh).map(({ node_id }) => node_id));
      for (const { node_id, tip, level } of reports) {
        const rings = ringsOf(node_id);
        // A node that is silent has no height now: a gap is shown as one.
        if (tip !== null && fresh.has(node_id)) rings.heights.set(bucket, tip.height);
        worse(rings.levels, bucket, RISK_LEVELS.indexOf(level));
      }
      if (together !== null && note(at_ms, together.branches))
        keep({ kind: "change", at_ms, branches: [...together.branches.map(keptBranch)] });
    },
    tips: () => (isWatching ? blocks.tips() : null),
    read(hours, points, nowMs) {
      const last = bucketOf(nowMs);
      const count = Math.min(BUCKETS, Math.ceil((hours * 3_600_000) / STEP_MS));
      const wide = Math.ceil(count / points);
      // Ends of groups are at multiples of their width, so that a group does not change its minutes from call to call.
      const end = Math.floor(last / wide);
      const groups = Array.from({ length: Math.ceil(count / wide) }, (_, i) => end - i).reverse();
      const from = (groups[0] ?? end) * wide * STEP_MS;
      const over = (ring: Ring, join: (a: number, b: number) => number): number[] =>
        groups.map((group) => joined(ring, { group, wide, last }, join));
      const named = <T>(values: readonly number[], nameOf: (index: number) => T | undefined) =>
        values.map((value) => (Number.isNaN(value) ? null : (nameOf(value) ?? null)));
      const counts = over(blocks.counts, sum).map(orZero);
      const stepMs = wide * STEP_MS;
      return {
        ...{ since_ms: since, until_ms: nowMs, step_ms: stepMs },
        spacing_seconds: chain.spacing_seconds,
        times: groups.map((group) => group * stepMs),
        states: named(
          over(states, Math.max),
          (value) => SERVICE_STATES[SERVICE_STATES.length - value],
        ),
        scores: over(scores, Math.max).map(orNull),
        advisories: named(over(advisories, Math.max), (value) => ADVISORY_LEVELS[value]),
        nodes: [...nodes].map(([node_id, rings]) => ({
          node_id,
          heights: over(rings.heights, (_, later) => later).map(orNull),
          levels: named(over(rings.levels, Math.max), (value) => RISK_LEVELS[value]),
        })),
        blocks:
          isWatching || hasBlocks
            ? {
                counts,
                algorithms: [...blocks.algorithms].map(([name, ring]) => ({
                  name,
                  counts: over(ring, sum).map(orZero),
                })),
              }
            : null,
        reorgs: blocks.reorgs().filter(({ at_ms }) => at_ms >= from),
        changes: recent(changes, from).map(({ at_ms, branches }) => ({ at_ms, branches })),
      };
    },
    async close() {
      if (running !== null) keepMinute(running);
      await journal?.close();
    },
  } satisfies HistoryKeeper);
}

/** A branch as it is kept: its own members alone. */
const keptBranch = ({ nodes, ...branch }: FollowedBranch) => ({
  ...{ tip_hash: branch.tip_hash, tip_height: branch.tip_height, chainwork: branch.chainwork },
  fork_height: branch.fork_height,
  nodes: nodes.map(({ node_id, height, software, is_watched }) => ({
    ...{ node_id, height, software, is_watched },
  })),
});

const worse = (ring: Ring, bucket: number, value: number): void => {
  const before = ring.at(bucket);
  ring.set(bucket, Number.isNaN(before) ? value : Math.max(before, value));
};

type Group = Readonly<{ group: number; wide: number; last: number }>;

/** The values of a group of buckets, joined in their order; NaN where there is none. */
function joined(
  ring: Ring,
  { group, wide, last }: Group,
  join: (a: number, b: number) => number,
): number {
  let result = NaN;
  for (let bucket = group * wide; bucket < (group + 1) * wide && bucket <= last; bucket++) {
    const value = ring.at(bucket);
    if (!Number.isNaN(value)) result = Number.isNaN(result) ? value : join(result, value);
  }
  return result;
}

const sum = (a: number, b: number): number => a + b;
const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
const orZero = (value: number): number => (Number.isNaN(value) ? 0 : value);

/** The changes since a time, and the one that held then. */
function recent(changes: readonly Change[], from: number): readonly Change[] {
  const first = changes.findIndex(({ at_ms }) => at_ms >= from);
  return first === -1 ? changes.slice(-1) : changes.slice(Math.max(0, first - 1));
}

/** What makes two moments look alike: who follows which branch, and where they part; not how high each is. */
const shapeOf = (branches: readonly FollowedBranch[]): string =>
  JSON.stringify(
    branches.map(({ fork_height, nodes }) => [
      fork_height,
      nodes.map(({ node_id, is_watched }) => [node_id, is_watched]),
    ]),
  );
