/** An honest chain, as one node sees it: blocks, and now and then a branch of a block or two that loses. */
import type { BlockHeader } from "@dgb-shield/sentinel";
import { type ChainEvent, MAIN, rivalsOf, sideTip, simulatedHeader } from "./events.js";
import { createMining, type MiningOptions } from "./mining.js";

/** How an honest chain, or one whose miners change, is made. */
export type HonestChainOptions = MiningOptions &
  Readonly<{
    /** Height from which events are labelled `attack`; default: never. */
    attackFrom?: number;
    /** Bits of an algorithm that begins to mine at `attackFrom` though the chain has retired it. */
    admitted?: number;
  }>;

/** A block of the main chain, and when it reached the node, in milliseconds since 1970. */
export type MinedBlock = Readonly<{
  atMs: number;
  header: BlockHeader;
  difficulties?: Readonly<Record<string, number>>;
}>;

/**
 * An honest chain without end. With the probability of the chain's `stale_rate` a block has a rival, and
 * with the same one each further block of the rival another, so that branches of n blocks come at
 * stale_rate^n. Half of the rivals reach the node before the blocks that win: it follows them until the
 * winning branch is longer, which is a reorganisation as deep as they are long.
 *
 * @example
 * for (const event of honestChain({ chain: digibyte, random: createRandom(1), startMs, startHeight })) …
 */
export function* honestChain(options: HonestChainOptions): Generator<ChainEvent> {
  const { chain, random, attackFrom = Infinity } = options;
  const mined = mainChain(options);
  const next = (): MinedBlock => mined.next().value;
  for (let branch = 1; ; branch++) {
    let block = next();
    for (; random() >= chain.stale_rate; block = next()) yield eventOf(block, [block.header]);
    const winners = [block];
    while (random() < chain.stale_rate) winners.push(next());
    const losers = rivalsOf(winners.map(headerOf), branch);
    yield* random() < 1 / 2 ? overtaken(winners, losers, next()) : outrun(winners, losers);
  }

  function eventOf({ header, ...mined }: MinedBlock, blocks: BlockHeader[]): ChainEvent {
    return { ...mined, label: header.height >= attackFrom ? "attack" : "honest", blocks };
  }

  /** The node follows the losers until the block that decides. */
  function* overtaken(
    winners: readonly MinedBlock[],
    losers: readonly BlockHeader[],
    decider: MinedBlock,
  ): Generator<ChainEvent> {
    for (const [i, loser] of losers.entries()) yield eventOf(winners[i] ?? decider, [loser]);
    const blocks = [...winners, decider].map(headerOf);
    yield { ...eventOf(decider, blocks), side: sideTip(losers, "valid-fork") };
  }

  /** The node receives the losers, and never follows them. */
  function* outrun(
    winners: readonly MinedBlock[],
    losers: readonly BlockHeader[],
  ): Generator<ChainEvent> {
    for (const [i, winner] of winners.entries()) {
      const event = eventOf(winner, [winner.header]);
      yield i < losers.length - 1 ? event : { ...event, side: sideTip(losers, "valid-headers") };
    }
  }
}

/** The blocks of the main chain alone, in order and without end. */
export function* mainChain(options: HonestChainOptions): Generator<MinedBlock, never> {
  const { startHeight, attackFrom, admitted } = options;
  const mining = options.mining ?? createMining(options);
  const isTold = options.chain.algorithms.length > 1;
  for (let height = startHeight + 1; ; height++) {
    if (height === attackFrom && admitted !== undefined) mining.admit(admitted);
    const found = mining.find(height);
    mining.accept(found);
    const header = simulatedHeader({ branch: MAIN, height, on: MAIN }, found);
    const told = isTold ? { difficulties: mining.difficulties() } : {};
    yield { atMs: found.atMs, header, ...told };
  }
}

const headerOf = ({ header }: MinedBlock): BlockHeader => header;
