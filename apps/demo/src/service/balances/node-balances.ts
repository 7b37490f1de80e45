/** Asks own nodes for the balances of configured wallets: bounded in time, one question at a time, each answer with its age. */
import { createNodeRpc, type NodeRpc } from "@dgb-shield/chain/rpc";
import { formatAmount } from "@dgb-shield/contract";
import type { AskedBalance, Balances } from "../../pipeline/index.js";
import type { NodeWallet, ServiceConfig } from "../config/service-config.js";
import { readBalance } from "./read-balance.js";

/** Time of one question, in milliseconds. */
export const QUESTION_MS = 5_000;
/** How long an answer is given again once it came, in milliseconds, a failure too: a node is asked no more often. */
const REUSE_MS = 1_000;

/** The port, and its end. */
export type NodeBalances = Balances & Readonly<{ close(): Promise<void> }>;

/** What the port is made of. */
export type NodeBalancesParts = Readonly<{
  config: Pick<ServiceConfig, "nodes" | "node_wallets">;
  /** Monotonic clock in milliseconds. */
  monotonic: () => number;
}>;

/** Makes the port; it asks nothing before it is asked. */
export function createNodeBalances({ config, monotonic }: NodeBalancesParts): NodeBalances {
  const { nodes, node_wallets } = config;
  const askers = new Map<string, Asker>();
  const byWallet = new Map(
    [...node_wallets].map(([walletId, place]) => {
      // Wallet ids that share a wallet of the node share its answers.
      const key = JSON.stringify([place.node_id, place.wallet]);
      const asker = askers.get(key) ?? createAsker(rpcOf(place, nodes), place, monotonic);
      askers.set(key, asker);
      return [walletId, asker] as const;
    }),
  );
  return Object.freeze({
    of: async (walletId) => (await byWallet.get(walletId)?.ask()) ?? null,
    async close() {
      await Promise.all([...askers.values()].map((asker) => asker.close()));
    },
  } satisfies NodeBalances);
}

type Asker = Readonly<{ ask(): Promise<AskedBalance>; close(): Promise<void> }>;

/** The client of a wallet's own path; undefined where the node is not configured. */
function rpcOf(
  { node_id, wallet }: NodeWallet,
  nodes: ServiceConfig["nodes"],
): NodeRpc | undefined {
  const node = nodes.find((one) => one.node_id === node_id);
  if (node === undefined) return undefined;
  const { url, auth } = node;
  return createNodeRpc({
    url: `${new URL(url).origin}/wallet/${encodeURIComponent(wallet)}`,
    ...(auth === undefined ? {} : { auth }),
    timeout_ms: QUESTION_MS,
  });
}

function createAsker(
  rpc: NodeRpc | undefined,
  { node_id }: NodeWallet,
  monotonic: () => number,
): Asker {
  let kept: Promise<AskedBalance> | undefined;
  /** Until when the answer is given again; the one that is waited for, to all. */
  let until = 0;

  async function question(at: number): Promise<AskedBalance> {
    until = Infinity;
    try {
      const units = rpc === undefined ? null : await readBalance(rpc, QUESTION_MS);
      const amount = units === null ? null : formatAmount(units);
      return Object.freeze({ node_id, amount, age_ms: () => monotonic() - at });
    } finally {
      until = monotonic() + REUSE_MS;
    }
  }

  return Object.freeze({
    ask() {
      const now = monotonic();
      if (kept === undefined || now > until) kept = question(now);
      return kept;
    },
    async close() {
      await rpc?.close();
    },
  } satisfies Asker);
}
