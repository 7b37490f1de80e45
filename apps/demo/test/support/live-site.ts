/** Real nodes with one clock, which only the test moves, and sources that read them by it. */
import { litecoinRegtest } from "@dgb-shield/chain";
import { createNodeSource, type NodeSource } from "@dgb-shield/sentinel/rpc";
import { type NodeOptions, type RegtestNode, startNode } from "@dgb-shield/testkit/litecoind";

const START_S = 1_800_000_000;

/** Nodes and sources of one test. */
export class LiveSite {
  nowS = START_S;
  /** Each node, and where it mines to: a wallet is not loaded again after a restart. */
  readonly #nodes = new Map<RegtestNode, unknown>();
  readonly #sources: NodeSource[] = [];

  /** Starts a node with a wallet. */
  async start(options: NodeOptions = {}): Promise<RegtestNode> {
    const node = await startNode({ mockTimeS: this.nowS, ...options });
    this.#nodes.set(node, undefined);
    await node.rpc("createwallet", "w");
    this.#nodes.set(node, await node.rpc("getnewaddress"));
    return node;
  }

  /** Moves the clock of all nodes that run. */
  async pass(seconds: number): Promise<void> {
    this.nowS += seconds;
    for (const node of this.#nodes.keys())
      await node.rpc("setmocktime", this.nowS).catch(() => undefined);
  }

  /** Mines blocks one spacing apart. */
  async mine(node: RegtestNode, blocks: number): Promise<void> {
    for (let i = 0; i < blocks; i++) {
      await this.pass(litecoinRegtest.spacing_seconds);
      await node.rpc("generatetoaddress", 1, this.#nodes.get(node));
    }
  }

  /** A source of a node, by the clock of the site. */
  source(node_id: string, node: RegtestNode): NodeSource {
    const source = createNodeSource({
      node_id,
      node: { url: node.url, auth: { cookie_file: node.cookieFile } },
      clock: () => this.nowS * 1_000,
      monotonic: () => (this.nowS - START_S) * 1_000,
    });
    this.#sources.push(source);
    return source;
  }

  /** Ends all. */
  async end(): Promise<void> {
    for (const source of this.#sources.splice(0)) await source.close();
    for (const node of this.#nodes.keys()) await node.remove();
    this.#nodes.clear();
  }
}
