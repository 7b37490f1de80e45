/** Whether an observation is of another chain than the one that is watched. */
import type { ChainParameters } from "@dgb-shield/chain";
import type { Observation } from "./observation.js";

/**
 * Where an observation names another chain, and what is wrong there.
 *
 * @returns undefined where nothing of it contradicts the chain
 */
export function otherChainOf(
  { chain: given }: Observation,
  chain: ChainParameters,
): Readonly<{ path: string; detail: string }> | undefined {
  if (given === undefined) return undefined;
  const { genesis_hash, network } = given;
  if (
    genesis_hash !== undefined &&
    chain.genesis !== undefined &&
    genesis_hash !== chain.genesis.hash
  ) {
    return {
      path: "/chain/genesis_hash",
      detail: `the node's first block is ${genesis_hash}, that of ${chain.name} is ${chain.genesis.hash}: connect to a node of ${chain.name}, or watch it as the chain that it is on`,
    };
  }
  if (network !== undefined && chain.network !== undefined && network !== chain.network) {
    return {
      path: "/chain/network",
      detail: `the node is on the network ${network}, ${chain.name} is ${chain.network}: connect to a node of ${chain.name}, or watch it as the chain that it is on`,
    };
  }
  return undefined;
}
