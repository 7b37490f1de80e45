/** How many polls of a node lie between what it shows and the first payment that is refused for it. */
import { type RegtestNode, startNode } from "@dgb-shield/testkit/litecoind";
import { type RpcProxy, startRpcProxy } from "@dgb-shield/testkit/rpc-proxy";
import { deploy, paymentRequest, until } from "../../test/support/service.js";

/** A node with ten blocks, and a wallet that mines. */
export async function startMiningNode(): Promise<RegtestNode> {
  const node = await startNode();
  await node.rpc("createwallet", "w");
  await mine(node, 10);
  return node;
}

/** Mines blocks. */
export const mine = async (node: RegtestNode, blocks: number): Promise<unknown> =>
  node.rpc("generatetoaddress", blocks, await node.rpc("getnewaddress"));

/** Method with which each poll of an answer begins. */
const FIRST_CALL = "getblockchaininfo";

/** Holds every request back; returns what lets them go on. */
function hold(proxy: RpcProxy): () => void {
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  proxy.use(async ({ response, forward }) => {
    await held;
    const { status, body } = await forward();
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  });
  return () => {
    release();
    proxy.use();
  };
}

/**
 * Reorganises a watched node by eight blocks and asks for payments until one is refused.
 *
 * @returns the polls that were answered after the reorganisation, up to the refusal
 */
export async function pollsUntilRefused(): Promise<number> {
  const node = await startMiningNode();
  const proxy = await startRpcProxy(node);
  const deployment = await deploy({
    nodes: [{ node_id: "node-1", url: proxy.url, auth: { cookie_file: node.cookieFile } }],
  });
  const service = await deployment.start();
  const polls = () => proxy.requests().filter((methods) => methods.includes(FIRST_CALL)).length;
  try {
    await until(service.status, ({ state }) => state === "open", 120_000);
    const before = polls();
    // The poll that is held sees the reorganisation whole, or not at all.
    const show = hold(proxy);
    await node.rpc("invalidateblock", await node.rpc("getblockhash", 3));
    await mine(node, 12);
    show();
    await until(
      () => service.decide(paymentRequest()),
      ({ final }) => final === "REFUSED",
      120_000,
    );
    return polls() - before;
  } finally {
    await service.close();
    await proxy.close();
    await node.remove();
    deployment.remove();
  }
}
