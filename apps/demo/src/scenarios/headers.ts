/** Makes headers and observations of simulated chains. */
import { sha256Hex } from "@dgb-shield/contract";
import type { BlockHeader, ChainTip, Observation } from "@dgb-shield/sentinel";

/** Version of a block: BIP 9 bits, the algorithm's bits, and the base version. */
export const versionOf = (algorithmBits: number): number => 0x20000002 | (algorithmBits << 8);

/** A made-up hash: nothing of it is from a real chain. */
export const simulatedHash = (...parts: readonly (string | number)[]): string =>
  sha256Hex(parts.join("/"));

/** Makes the observation of one poll. */
export function observationOf(
  node_id: string,
  at_ms: number,
  blocks: readonly BlockHeader[],
  tip: BlockHeader,
  sideBranches: readonly ChainTip[] = [],
): Observation {
  const active: ChainTip = { height: tip.height, hash: tip.hash, branchlen: 0, status: "active" };
  return {
    node_id,
    at_ms,
    reachable: true,
    syncing: false,
    tip,
    blocks: [...blocks],
    tips: [active, ...sideBranches],
    mempool: null,
  };
}
