/** Compares the chains that two nodes follow: whether they have split, and since which block. */
import type { BlockHeader, Observation } from "@dgb-shield/sentinel";

/** How two nodes stand to each other, when that has changed. */
export type ChainSplit = Readonly<{
  /** The own node, and the one that follows another chain. */
  nodes: readonly [string, string];
  /** `split`: they follow different chains; `over`: they follow one again. */
  status: "split" | "over";
  /** Last block that both have; null where it was not seen. */
  fork_height: number | null;
  /** Blocks of each branch since then, the own node's first. */
  lengths: readonly [number, number];
}>;

/** Watches what nodes report of their chains. */
export type SplitWatch = Readonly<{
  /** Takes in an observation; answers each change for the own node and another one. */
  observe(observation: Observation): readonly ChainSplit[];
}>;

/** Blocks that both branches must have before it is called a split: shorter ones are ordinary reorganisations. */
const SPLIT_DEPTH = 6;
/** Heights that are kept of each node. */
const REMEMBERED = 50_000;

type Chain = { tip: number; readonly hashes: Map<number, string> };

/** A watch that compares each other node with `ownNode`. */
export function createSplitWatch(ownNode: string): SplitWatch {
  const chains = new Map<string, Chain>();
  const split = new Set<string>();

  function compare(other: string): ChainSplit[] {
    const [own, theirs] = [chains.get(ownNode), chains.get(other)];
    if (own === undefined || theirs === undefined) return [];
    const common = Math.min(own.tip, theirs.tip);
    const fork = lastShared(own, theirs, common);
    const isApart = common - fork.height >= SPLIT_DEPTH && differ(own, theirs, common);
    if (isApart === split.has(other)) return [];
    if (isApart) split.add(other);
    else split.delete(other);
    return [
      {
        nodes: [ownNode, other],
        status: isApart ? "split" : "over",
        fork_height: fork.isKnown ? fork.height : null,
        lengths: [own.tip - fork.height, theirs.tip - fork.height],
      },
    ];
  }

  return Object.freeze({
    observe({ node_id, tip, blocks }) {
      if (tip === null) return [];
      const chain = chains.get(node_id) ?? { tip: 0, hashes: new Map<number, string>() };
      chains.set(node_id, chain);
      for (const block of [...blocks, tip]) remember(chain, block);
      chain.tip = tip.height;
      const others = node_id === ownNode ? [...chains.keys()] : [node_id];
      return others.filter((other) => other !== ownNode).flatMap(compare);
    },
  } satisfies SplitWatch);
}

function remember({ hashes }: Chain, { height, hash }: BlockHeader): void {
  hashes.delete(height);
  hashes.set(height, hash);
  const oldest = hashes.keys().next();
  if (hashes.size > REMEMBERED && oldest.done !== true) hashes.delete(oldest.value);
}

function differ(a: Chain, b: Chain, height: number): boolean {
  const [first, second] = [a.hashes.get(height), b.hashes.get(height)];
  return first !== undefined && second !== undefined && first !== second;
}

/** The highest block at or below `from` that both have, looking back while both are known to differ. */
function lastShared(
  a: Chain,
  b: Chain,
  from: number,
): Readonly<{ height: number; isKnown: boolean }> {
  let height = from;
  while (differ(a, b, height)) height--;
  return { height, isKnown: a.hashes.has(height) && a.hashes.get(height) === b.hashes.get(height) };
}
