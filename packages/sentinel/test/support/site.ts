/** A site of real nodes with one clock, which only the test moves. */
import { litecoinRegtest } from "@dgb-shield/chain";
import { type NodeOptions, type RegtestNode, startNode } from "@dgb-shield/testkit/litecoind";
import { createNodeSource, type NodeSource } from "../../src/adapters/rpc/index.js";

/** Where the clock begins, in seconds since 1970. */
const START_S = 1_800_000_000;

/** What a test has opened. */
export type Opened = { close?(): Promise<void>; remove?(): Promise<void> };

/** A coin of a node's wallet. */
export type Coin = Readonly<{ txid: string; vout: number; amount: number }>;

/** Matured coins of a node's wallet. */
export const coinsOf = async (node: RegtestNode): Promise<Coin[]> =>
  (await node.rpc("listunspent")) as Coin[];

/** Signs a transaction of a coin of a node's wallet, without sending it. */
export async function signedPayment(
  node: RegtestNode,
  { txid, vout, amount }: Coin,
  to: unknown,
  fee = 0.001,
): Promise<string> {
  const outputs = { [String(to)]: (amount - fee).toFixed(8) };
  const raw = await node.rpc("createrawtransaction", [{ txid, vout }], outputs);
  return ((await node.rpc("signrawtransactionwithwallet", raw)) as { hex: string }).hex;
}

/** Nodes and sources of one test. */
export class Site {
  nowS = START_S;
  readonly opened: Opened[] = [];
  readonly #nodes: RegtestNode[] = [];

  /** Starts a node with a wallet. */
  async start(options: NodeOptions = {}): Promise<RegtestNode> {
    const node = await startNode({ mockTimeS: this.nowS, ...options });
    this.opened.push(node);
    this.#nodes.push(node);
    await node.rpc("createwallet", "w");
    return node;
  }

  /** Moves the clock of all nodes that run. */
  async pass(seconds: number): Promise<void> {
    this.nowS += seconds;
    await Promise.all(
      this.#nodes.map((node) => node.rpc("setmocktime", this.nowS).catch(() => undefined)),
    );
  }

  /** Mines blocks one spacing apart. */
  async mine(node: RegtestNode, blocks: number): Promise<void> {
    const address = await node.rpc("getnewaddress");
    for (let i = 0; i < blocks; i++) {
      await this.pass(litecoinRegtest.spacing_seconds);
      await node.rpc("generatetoaddress", 1, address);
    }
  }

  /** A source of a node, by the clock of the site. */
  source(
    node_id: string,
    node: RegtestNode,
    options: Partial<Parameters<typeof createNodeSource>[0]> = {},
  ): NodeSource {
    const source = createNodeSource({
      node_id,
      node: { url: node.url, auth: { cookie_file: node.cookieFile } },
      clock: () => this.nowS * 1_000,
      monotonic: () => (this.nowS - START_S) * 1_000,
      ...options,
    });
    this.opened.push(source);
    return source;
  }

  /** Ends all that was opened, the last first. */
  async end(): Promise<void> {
    for (const one of this.opened.splice(0).reverse()) await (one.close?.() ?? one.remove?.());
  }
}
