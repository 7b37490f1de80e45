/** Real nodes that agree, and then do not. */
import { connect, disconnect, type RegtestNode, startNode } from "@dgb-shield/testkit/litecoind";
import { until } from "./service.js";

/** Mines blocks to an address of the node's own. */
const mine = async (node: RegtestNode, blocks: number): Promise<unknown> =>
  node.rpc("generatetoaddress", blocks, await node.rpc("getnewaddress"));

/** Waits until a node is at a height. */
export const reaches = (node: RegtestNode, height: number): Promise<unknown> =>
  until(
    () => node.rpc("getblockcount"),
    (count) => count === height,
  );

/** Two nodes on one chain of ten blocks. */
export async function startPair(): Promise<readonly [RegtestNode, RegtestNode]> {
  const [a, b] = [await startNode(), await startNode()];
  for (const node of [a, b]) await node.rpc("createwallet", "w");
  await connect(a, b);
  await mine(a, 10);
  await reaches(b, 10);
  return [a, b];
}

/** Has each node follow a branch of its own. */
export async function split(a: RegtestNode, b: RegtestNode): Promise<void> {
  await disconnect(a);
  await mine(a, 8);
  await mine(b, 7);
}
