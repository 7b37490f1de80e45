/** The nodes of the testnet as one network: who is connected, who mines, which side is which. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ChainParameters } from "@dgb-shield/chain";
import { type NodeProgram } from "./programs.js";
import { startNode, type TestnetNode } from "./node.js";
import { join } from "node:path";

/** Names of the nodes: two of the site's own, which the service watches, and one of the rest of the network. */
const NODE_NAMES = ["node-1", "node-2", "rival"] as const;

/** The network. */
export type Network = Readonly<{
  chain: ChainParameters;
  /** The site's first node, which the gateway stands in front of and whose wallet pays. */
  first: TestnetNode;
  second: TestnetNode;
  /** Not watched: where attacks come from. */
  rival: TestnetNode;
  all: readonly TestnetNode[];
  /** Mines blocks on a node, to its own wallet. */
  mine(node: TestnetNode, blocks: number): Promise<void>;
  /** Cuts a node off from all others, and waits until that is so. */
  isolate(node: TestnetNode): Promise<void>;
  /** Connects every node with every other one. */
  join(): Promise<void>;
  /** Waits until all nodes have one tip. */
  agree(mostMs?: number): Promise<void>;
  close(): Promise<void>;
}>;

/** Blocks that a wallet's own coins wait before they can be spent. */
const MATURITY = 100;
/** Blocks whose reward goes to the paying wallet and to the rival at the start. */
const FUNDS = { first: 20, rival: 5 } as const;
const WAIT_MS = 60_000;
const LOOK_MS = 50;

/** What a network is started with. */
export type NetworkOptions = Readonly<{
  program: NodeProgram;
  folder: string;
  /** Seconds between two blocks that the testnet aims at. */
  spacing_seconds: number;
  stop: AbortSignal;
}>;

/**
 * Starts the nodes, connects them and mines what makes the first coins spendable.
 *
 * @throws CommandError `usage` where a node does not start
 */
export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const { program, folder, stop } = options;
  // Its target is its own: the miner keeps it, and detectors judge by it.
  const chain = { ...program.chain, spacing_seconds: options.spacing_seconds };
  const begun = await Promise.allSettled(
    NODE_NAMES.map((node_id) =>
      startNode(program, { node_id, folder: join(folder, node_id), stop }),
    ),
  );
  const nodes = begun.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const close = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  const [first, second, rival] = nodes;
  if (first === undefined || second === undefined || rival === undefined) {
    await close();
    throw begun.find((one) => one.status === "rejected")?.reason;
  }
  try {
    const mine = await minerOf(chain, nodes);
    const network = { chain, first, second, rival, all: nodes, mine, close, ...joining(nodes) };
    await network.join();
    await mine(first, FUNDS.first);
    await network.agree();
    await mine(rival, FUNDS.rival);
    await network.agree();
    await mine(second, MATURITY);
    await network.agree();
    stop.throwIfAborted();
    return Object.freeze(network);
  } catch (error) {
    await close();
    throw error;
  }
}

/** Mines to one address a node; a chain of several algorithms takes them in turn. */
async function minerOf(chain: ChainParameters, nodes: readonly TestnetNode[]) {
  const addresses = new Map<TestnetNode, string>();
  for (const node of nodes) addresses.set(node, await node.rpc<string>("getnewaddress"));
  return async (node: TestnetNode, blocks: number): Promise<void> => {
    const address = addresses.get(node);
    if (chain.algorithms.length === 0) {
      await node.rpc("generatetoaddress", blocks, address);
      return;
    }
    for (let left = blocks; left > 0; left--) {
      const height = (await node.rpc<number>("getblockcount")) + 1;
      const names = chain.algorithms
        .filter(
          ({ active_from, retired_at }) =>
            active_from <= height && (retired_at === null || height < retired_at),
        )
        .map(({ name }) => name);
      await node.rpc("generatetoaddress", 1, address, TRIES, names[height % names.length]);
    }
  };
}

/** Nonces that a node tries for one block. */
const TRIES = 10_000_000;

function joining(nodes: readonly TestnetNode[]) {
  return {
    async isolate(node: TestnetNode): Promise<void> {
      await node.rpc("setnetworkactive", false);
      await until(async () => (await node.rpc("getconnectioncount")) === 0);
    },
    async join(): Promise<void> {
      for (const node of nodes) await node.rpc("setnetworkactive", true);
      for (const [at, node] of nodes.entries()) {
        for (const other of nodes.slice(at + 1)) await node.rpc("addnode", other.peer, "onetry");
      }
      await until(async () => {
        const counts = await Promise.all(nodes.map((node) => node.rpc("getconnectioncount")));
        return counts.every((count) => Number(count) >= nodes.length - 1);
      });
    },
    async agree(mostMs = WAIT_MS): Promise<void> {
      await until(async () => {
        const tips = await Promise.all(nodes.map((node) => node.rpc("getbestblockhash")));
        return new Set(tips).size === 1;
      }, mostMs);
    },
  };
}

/**
 * Waits until something holds.
 *
 * @throws Error where it does not in time
 */
export async function until(holds: () => Promise<boolean>, mostMs = WAIT_MS): Promise<void> {
  const deadline = performance.now() + mostMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error("the nodes did not get there in time");
    await sleep(LOOK_MS);
  }
}
