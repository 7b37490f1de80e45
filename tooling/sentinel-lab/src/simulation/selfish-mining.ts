/** Selfish mining (Eyal and Sirer, 2014): a pool that keeps its blocks back and shows them late. */
import type { BlockHeader } from "@dgb-shield/sentinel";
import { type ChainEvent, MAIN, sideTip, simulatedHeader } from "./events.js";
import { createMining, type FoundBlock, type Mining, type MiningOptions } from "./mining.js";

/** A chain of which a pool begins to mine selfishly. */
export type SelfishMiningOptions = MiningOptions &
  Readonly<{
    /** Share of all blocks that the pool finds, 0 to below 1/2. */
    poolShare: number;
    /** Share of the others that mine on the pool's branch while two of one length compete, 0 to 1. */
    gamma: number;
    /** Height from which it does. */
    attackFrom: number;
  }>;

/** Blocks since the last one that all nodes share. */
type Branch = { id: number; on: number; headers: BlockHeader[]; found: FoundBlock[] };

/** The last block that all nodes share, and the number of branches so far. */
type Base = { height: number; on: number; branches: number };

/**
 * A chain without end under the published strategy, as a node sees it that always receives the honest
 * block first. The pool shows its one block when the others draw level, and all its blocks when they come
 * within one; where it falls behind, it starts over. While it is further ahead it shows nothing (the
 * strategy lets it show blocks one by one then, which no node follows). Difficulties follow the blocks
 * that win.
 */
export function* selfishMining(options: SelfishMiningOptions): Generator<ChainEvent> {
  const mining = options.mining ?? createMining(options);
  let base: Base = { height: options.startHeight, on: MAIN, branches: 0 };
  for (;;) {
    const winner = yield* race(options, mining, base);
    for (const block of winner.found) mining.accept(block);
    base = {
      height: base.height + winner.found.length,
      on: winner.id,
      branches: base.branches + 2,
    };
  }
}

function* race(
  options: SelfishMiningOptions,
  mining: Mining,
  { height, on, branches }: Base,
): Generator<ChainEvent, Branch> {
  const { random, poolShare, gamma, attackFrom } = options;
  const isAttack = height + 1 >= attackFrom;
  const label = isAttack ? "attack" : "honest";
  const honest: Branch = { id: branches + 1, on, headers: [], found: [] };
  const pool: Branch = { id: branches + 2, on, headers: [], found: [] };
  for (let isTie = false; ;) {
    const found = mining.find(height + 1);
    const { atMs } = found;
    const isPools = isAttack && random() < poolShare;
    if (isPools || (isTie && random() < gamma)) {
      extend(pool, height, found);
      if (!isTie) continue;
      yield { label, atMs, ...takeover(pool, honest) };
      return pool;
    }
    yield { label, atMs, blocks: [extend(honest, height, found)] };
    if (isTie || pool.found.length === 0) return honest;
    const lead = pool.found.length - honest.found.length;
    if (lead === 1) {
      yield { label, atMs, ...takeover(pool, honest) };
      return pool;
    }
    if (lead === 0) {
      isTie = true;
      yield { label, atMs, blocks: [], side: sideTip(pool.headers, "valid-headers") };
    }
  }
}

function extend(branch: Branch, height: number, found: FoundBlock): BlockHeader {
  const isFirst = branch.found.length === 0;
  const place = {
    branch: branch.id,
    height: height + branch.found.length + 1,
    on: isFirst ? branch.on : branch.id,
  };
  const header = simulatedHeader(place, found);
  branch.found.push(found);
  branch.headers.push(header);
  return header;
}

const takeover = (winner: Branch, loser: Branch): Pick<ChainEvent, "blocks" | "side"> => ({
  blocks: winner.headers,
  side: sideTip(loser.headers, "valid-fork"),
});
