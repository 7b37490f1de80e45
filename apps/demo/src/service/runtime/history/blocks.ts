/** Counts blocks by minute and algorithm, and notes reorganisations and side tips, by what own nodes show. */
import { algorithmBits, algorithmOf, type ChainParameters } from "@dgb-shield/chain";
import type { BlockHeader, Observation } from "@dgb-shield/sentinel";
import type { Reorganisation, SideTip } from "../../service.js";
import type { HistoryEntry } from "./entry.js";
import { bucketOf, createRing, type Ring } from "./rings.js";

/** Hashes of blocks that were counted, so that each counts once. */
const MAX_KNOWN = 50_000;
const MAX_REORGS = 500;
const MAX_TIPS = 1_000;
const MAX_ALGORITHMS = 16;

/** Entries that blocks make. */
export type BlockEntry = Extract<HistoryEntry, { kind: "block" | "reorg" }>;

/** What blocks show. */
export type BlockHistory = Readonly<{
  observe(observation: Observation): void;
  /** Takes in what was kept of before. */
  restore(entry: BlockEntry): void;
  counts: Ring;
  algorithms: ReadonlyMap<string, Ring>;
  reorgs(): readonly Reorganisation[];
  /** Tips that some node knows and that are not its own, the highest first. */
  tips(): readonly SideTip[];
}>;

type Tip = Readonly<{ hash: string; height: number }>;

/**
 * Creates it, for a chain's algorithms.
 *
 * @param keep takes each new entry
 */
export function createBlockHistory(
  chain: ChainParameters,
  keep: (entry: BlockEntry) => void = () => undefined,
): BlockHistory {
  const known = new Set<string>();
  const counts = createRing();
  const algorithms = new Map<string, Ring>();
  const reorgs: Reorganisation[] = [];
  const lastTips = new Map<string, Tip>();
  const tips = new Map<string, SideTip[]>();

  function count(block: BlockHeader): void {
    if (known.has(block.hash)) return;
    const bucket = bucketOf(block.time_s * 1_000);
    const algorithm =
      chain.algorithms.length === 0
        ? null
        : (algorithmOf(chain, block.version)?.name ?? `bits ${algorithmBits(block.version)}`);
    const entry = { kind: "block", bucket, hash: block.hash, algorithm } as const;
    add(entry);
    keep(entry);
  }

  function add({ bucket, hash, algorithm }: Extract<HistoryEntry, { kind: "block" }>): void {
    if (known.has(hash)) return;
    known.add(hash);
    for (const oldest of known) {
      if (known.size <= MAX_KNOWN) break;
      known.delete(oldest);
    }
    counts.add(bucket, 1);
    if (algorithm === null) return;
    const ring = algorithms.get(algorithm) ?? createRing();
    if (algorithms.size < MAX_ALGORITHMS) algorithms.set(algorithm, ring);
    ring.add(bucket, 1);
  }

  function addReorg(reorg: Reorganisation): void {
    reorgs.push(reorg);
    if (reorgs.length > MAX_REORGS) reorgs.shift();
  }

  function noteReorg(
    { node_id, at_ms, blocks, last_tip }: Observation,
    before: Tip | undefined,
  ): void {
    if (before === undefined) return;
    const [first] = blocks;
    const replaced =
      first !== undefined &&
      first.height <= before.height &&
      !blocks.some(({ hash }) => hash === before.hash);
    const fork = last_tip?.status === "lost" ? (last_tip.fork_height ?? null) : null;
    const fork_height = fork ?? (replaced ? first.height - 1 : null);
    if (fork_height === null || fork_height >= before.height) return;
    const reorg = { at_ms, node_id, depth: before.height - fork_height, fork_height };
    addReorg(reorg);
    keep({ kind: "reorg", ...reorg });
  }

  return Object.freeze({
    observe(observation) {
      const { node_id, tip, blocks } = observation;
      if (tip === null) return;
      const before = lastTips.get(node_id);
      if (before?.hash !== tip.hash) noteReorg(observation, before);
      lastTips.set(node_id, { hash: tip.hash, height: tip.height });
      for (const block of blocks) count(block);
      count(tip);
      if (observation.tips.length > 0) tips.set(node_id, sideTipsOf(observation));
    },
    restore(entry) {
      if (entry.kind === "block") return add(entry);
      const { at_ms, node_id, depth, fork_height } = entry;
      addReorg({ at_ms, node_id, depth, fork_height });
    },
    counts,
    algorithms,
    reorgs: () => reorgs,
    tips: () => merged([...tips.values()].flat()),
  } satisfies BlockHistory);
}

const sideTipsOf = ({ node_id, tips }: Observation): SideTip[] =>
  tips
    .filter(({ status }) => status !== "active")
    .map(({ hash, height, branchlen, status }) => ({
      ...{ hash, height, status, nodes: [node_id] },
      fork_height: Math.max(0, height - branchlen),
    }));

/** One entry a tip; where nodes differ about it, what the strictest says counts. */
function merged(all: readonly SideTip[]): readonly SideTip[] {
  const byHash = new Map<string, SideTip>();
  for (const tip of all) {
    const other = byHash.get(tip.hash);
    if (other === undefined) byHash.set(tip.hash, tip);
    else if (other.status === tip.status) {
      byHash.set(tip.hash, { ...other, nodes: [...other.nodes, ...tip.nodes] });
    } else if (tip.status === "invalid") byHash.set(tip.hash, tip);
  }
  return [...byHash.values()].sort((a, b) => b.height - a.height).slice(0, MAX_TIPS);
}
