/** What happens to the chain of one node in a simulation: the common language of the generators. */
import type { BlockHeader, ChainTip } from "@dgb-shield/sentinel";

/** One event: blocks that joined the node's active chain, and perhaps a branch that is not part of it. */
export type ChainEvent = Readonly<{
  /** `honest`, `attack` from the first moment at which an attack could be seen, `over` when its harm is done. */
  label: "honest" | "attack" | "over";
  /** When it reached the node, in milliseconds since 1970. */
  atMs: number;
  /** New blocks of the active chain, ascending; the last is the tip. */
  blocks: readonly BlockHeader[];
  /** A branch that is not, or is no longer, active. */
  side?: ChainTip;
  /** Difficulty of the next block of each algorithm, by name; of chains of several alone. */
  difficulties?: Readonly<Record<string, number>>;
}>;

/** Branch of the main chain; others are counted from 1. */
export const MAIN = 0;

const WORD = 8;
const REST = "0".repeat(64 - 2 * WORD);

/**
 * A made-up hash that ends in the branch of a block and its height. Nothing of it is from a real chain.
 *
 * @param branch a whole number below 2^32
 */
const simulatedHash = (branch: number, height: number): string =>
  REST + branch.toString(16).padStart(WORD, "0") + height.toString(16).padStart(WORD, "0");

/** Version of a block: the top bits of version bits (BIP 9), the algorithm's, and the base version. */
const versionOf = (bits: number): number => 0x20000002 | (bits << 8);

/** Where a block stands: its branch and height, and the branch of the block below it. */
export type Place = Readonly<{ branch: number; height: number; on: number }>;

/** A header of a simulated block. */
export const simulatedHeader = (
  { branch, height, on }: Place,
  { bits, timeS }: Readonly<{ bits: number; timeS: number }>,
): BlockHeader => ({
  hash: simulatedHash(branch, height),
  previous_hash: simulatedHash(on, height - 1),
  height,
  version: versionOf(bits),
  time_s: timeS,
});

/**
 * The same blocks on a branch of their own, which parts from the main chain below the first: found at the
 * same moments, by the same algorithms.
 */
export const rivalsOf = (blocks: readonly BlockHeader[], branch: number): BlockHeader[] =>
  blocks.map((block, i) => ({
    ...block,
    hash: simulatedHash(branch, block.height),
    previous_hash: i === 0 ? block.previous_hash : simulatedHash(branch, block.height - 1),
  }));

/**
 * A branch that is not active, as `getchaintips` shows it: `valid-fork` when the node once followed it,
 * else `valid-headers`.
 *
 * @param blocks at least one
 */
export function sideTip(
  blocks: readonly BlockHeader[],
  status: "valid-fork" | "valid-headers",
): ChainTip {
  const tip = blocks.at(-1);
  if (tip === undefined) throw new RangeError("a branch without blocks");
  return { hash: tip.hash, height: tip.height, branchlen: blocks.length, status };
}
