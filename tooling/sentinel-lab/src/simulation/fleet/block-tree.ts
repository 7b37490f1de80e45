/** An honest chain as it is found, stale branches with it: blocks in the order of their times. */
import type { ChainParameters } from "@dgb-shield/chain";
import type { BlockHeader } from "@dgb-shield/sentinel";
import { MAIN, simulatedHeader } from "../events.js";
import { activeBits } from "../mining.js";
import { exponential, type Random } from "../random.js";

/** A block, and when it was found, in milliseconds since 1970. */
export type FoundBlock = Readonly<{ header: BlockHeader; atMs: number }>;

/** How the chain is made. */
export type TreeOptions = Readonly<{
  chain: ChainParameters;
  random: Random;
  startMs: number;
  startHeight: number;
  /** Share of the blocks that have a rival, and of those rivals that have a further block each. */
  staleRate: number;
}>;

/**
 * Finds blocks without an end. With the probability of the stale rate a block has a rival of the same height, found
 * when it was, and with the same probability each further block of the rival one beside the next of the chain.
 */
export function* foundBlocks(options: TreeOptions): Generator<FoundBlock, never> {
  const { chain, random, startMs, startHeight, staleRate } = options;
  const active = activeBits(chain, startHeight);
  /** An algorithm that is as likely as the others. */
  const headerOf = (place: Parameters<typeof simulatedHeader>[0], atMs: number): BlockHeader =>
    simulatedHeader(place, {
      bits: active[Math.floor(random() * active.length)] ?? 0,
      timeS: Math.floor(atMs / 1_000),
    });
  let atMs = startMs;
  let height = startHeight;
  /** Branch of the rival that goes on. */
  let rival: number | undefined;
  for (let branch = 1; ; height++) {
    atMs += Math.round(exponential(random, chain.spacing_seconds * 1_000));
    yield { atMs, header: headerOf({ branch: MAIN, height, on: MAIN }, atMs) };
    const isGoingOn = random() < staleRate;
    if (!isGoingOn) {
      rival = undefined;
      continue;
    }
    const on = rival ?? MAIN;
    rival ??= branch++;
    yield { atMs, header: headerOf({ branch: rival, height, on }, atMs) };
  }
}
