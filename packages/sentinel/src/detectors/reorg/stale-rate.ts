/** The chain's own stale rate, learnt slowly from the branches that a node loses. */
import { z } from "zod";
import type { ChainParameters } from "@dgb-shield/chain";

/** Blocks over which it is learnt: a week of DigiByte. */
const MEMORY_BLOCKS = 40_320;

/** Most that is believed, in stale rates of the chain's table. */
export const MAX_RATE_FACTOR = 3;

/** Standard errors by which a learnt rate must exceed the table's. */
const CONFIDENCE = 3;

/** Lost branches for a block, as a running mean; null before the first block. */
export const lossShareSchema = z.number().min(0).nullable();
export type LossShare = z.infer<typeof lossShareSchema>;

/** The running mean after so many blocks, and so many branches lost among them. */
export function advanceShare(
  share: LossShare,
  { blocks, lost }: Readonly<{ blocks: number; lost: number }>,
  { stale_rate }: ChainParameters,
): LossShare {
  if (blocks <= 0 && lost === 0) return share;
  const kept = Math.exp(-Math.max(0, blocks) / MEMORY_BLOCKS);
  return Math.min(1, (share ?? stale_rate) * kept + lost / MEMORY_BLOCKS);
}

/**
 * The stale rate that depths are judged by: the table's, or the learnt one where that is higher by three
 * standard errors, and at most three times the table's. It is learnt over a week of blocks: a day of an
 * attack moves it by a seventh of its excess, and an attacker who loses two blocks of a hundred for weeks gains no
 * more than this bound: on DigiByte a depth of 6 is then 0.67, 7 0.84 and 8 critical.
 *
 * @returns between the table's rate and 3 times that, below 1/2
 */
export function staleRateOf(share: LossShare, { stale_rate }: ChainParameters): number {
  if (share === null) return stale_rate;
  // The running mean weighs as many blocks as 2·MEMORY_BLOCKS that count alike.
  const error = Math.sqrt(share / (2 * MEMORY_BLOCKS));
  const most = Math.max(stale_rate, Math.min(1 / 2, MAX_RATE_FACTOR * stale_rate));
  return Math.max(stale_rate, Math.min(most, share - CONFIDENCE * error));
}
