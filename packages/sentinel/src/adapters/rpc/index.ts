/** A live node as a source of observations, over its JSON-RPC. */
import {
  createNodeRpc,
  type NodeRpc,
  type NodeRpcOptions,
  type RpcStatistics,
} from "@dgb-shield/chain/rpc";
import { hash256Schema, heightSchema, idSchema } from "@dgb-shield/contract";
import { z } from "zod";
import type { Observation } from "../../observation/observation.js";
import { newMemory, type NodeMemory } from "./memory.js";
import { pollNode } from "./poll.js";

export { type HistoryOptions, type NodeHistory, openHistory } from "./history.js";

/** Options of `createNodeSource`. */
export type NodeSourceOptions = Readonly<{
  node_id: string;
  /** The node's RPC address and credentials. */
  node: NodeRpcOptions;
  /** The wall clock, in milliseconds since 1970. */
  clock: () => number;
  /** A clock that never goes back, in milliseconds since any moment. */
  monotonic: () => number;
  /** The tip that was observed last, as `SentinelState.tip` has it: what came since then is read as well. */
  from?: Readonly<{ hash: string; height: number }>;
  /** Whether transactions of new blocks are read, by one `getblock` each; default true. */
  transactions?: boolean;
  /** Connections that the node is configured to open; default: those of the chain's parameters. */
  outbound_target?: number;
  /** `getchaintips` walks the whole block index under the chain's lock: at most this often, default 900,000 ms. */
  tips_every_ms?: number;
  /** How often `getpeerinfo` and `getnetworkinfo` are called; default 60,000 ms. */
  peers_every_ms?: number;
}>;

/** A node that can be observed. */
export type NodeSource = Readonly<{
  node_id: string;
  /**
   * Reads the node once. Never rejects: a node that does not answer is an observation with `failure`. Where
   * `more` is true further blocks are waiting: poll again at once. Polls run one after the other.
   *
   * @param wanted `tips: true` reads the list of chain tips now, as where nodes are on different branches
   */
  poll(wanted?: Readonly<{ tips?: boolean }>): Promise<Observation>;
  /**
   * Waits until the node has a new tip, at most so long; ends early where the node cannot wait, or is too busy.
   *
   * @returns whether the node waited; false: sleep, then poll
   */
  wait(mostMs: number): Promise<boolean>;
  /** Calls so far. */
  statistics(): RpcStatistics;
  close(): Promise<void>;
}>;

const everySchema = z.int().min(1_000).max(86_400_000);

const optionsSchema = z.strictObject({
  node_id: idSchema,
  from: z.strictObject({ hash: hash256Schema, height: heightSchema }).optional(),
  transactions: z.boolean().default(true),
  outbound_target: z.int().min(0).max(1_000).optional(),
  tips_every_ms: everySchema.default(900_000),
  peers_every_ms: everySchema.default(60_000),
});

/** How much longer than its wait a waiting call may take. */
const WAIT_SLACK_MS = 5_000;

/**
 * Makes a source of one node, Bitcoin Core or a fork of it. A poll of an unchanged tip is five light calls in
 * one request; a changed one adds the headers between, and a reorganisation the fork and the list of tips.
 * An answer that contradicts another one is read again, three times at most.
 *
 * @throws RangeError where an option is invalid
 * @example
 * const source = createNodeSource({ node_id: "a", node: { url, auth: { cookie_file } }, clock: Date.now, monotonic: () => performance.now() });
 * const report = sentinel.observe(await source.poll());
 */
export function createNodeSource(options: NodeSourceOptions): NodeSource {
  const { node, clock, monotonic, ...rest } = options;
  const { success, data, error } = optionsSchema.safeParse(rest);
  if (!success) {
    const [issue] = error.issues;
    throw new RangeError(`${issue?.path.join(".") ?? "options"}: ${issue?.message ?? "invalid"}`);
  }
  const rpc: NodeRpc = createNodeRpc(node);
  const memory: NodeMemory = newMemory(data.from);
  const pollOptions = {
    node_id: data.node_id,
    rpc,
    readsTransactions: data.transactions,
    outboundTarget: data.outbound_target,
    tipsEveryMs: data.tips_every_ms,
    peersEveryMs: data.peers_every_ms,
  };
  let last: Promise<unknown> = Promise.resolve();
  return Object.freeze({
    node_id: data.node_id,
    poll({ tips = false } = {}) {
      const mine = last.then(() => {
        if (tips) memory.tipsAtMs = -Infinity;
        return pollNode(pollOptions, memory, { at_ms: clock(), monotonic_ms: monotonic() });
      });
      last = mine.catch(() => undefined);
      return mine;
    },
    async wait(mostMs) {
      if (memory.busy !== undefined) return false;
      const timeout_ms = Math.min(600_000, mostMs + WAIT_SLACK_MS);
      return (await rpc.call("waitfornewblock", [mostMs], { timeout_ms })).ok;
    },
    statistics: () => rpc.statistics(),
    close: () => rpc.close(),
  } satisfies NodeSource);
}
