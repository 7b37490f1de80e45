/** Asks the node for the balance of the wallet that pays. */
import { createNodeRpc, type NodeRpc } from "@dgb-shield/chain/rpc";
import { QUESTION_MS } from "../service/balances/node-balances.js";
import { readBalance } from "../service/balances/read-balance.js";
import type { ServiceNode } from "../service/config/service-config.js";

/** Wallets whose connection is kept at most. */
const MAX_WALLETS = 64;

/** The balances of a node's wallets. */
export type Balances = Readonly<{
  /**
   * The balance that can be spent, in base units.
   *
   * @param wallet name; null for the node's only one
   * @throws Error where the node gives none
   */
  of(wallet: string | null): Promise<bigint>;
  close(): Promise<void>;
}>;

/** Makes the port. */
export function createBalances({ url, auth }: Pick<ServiceNode, "url" | "auth">): Balances {
  const clients = new Map<string, NodeRpc>();
  const clientOf = (wallet: string | null): NodeRpc => {
    const path = wallet === null ? "/" : `/wallet/${encodeURIComponent(wallet)}`;
    const client =
      clients.get(path) ??
      createNodeRpc({ url: new URL(url).origin + path, ...(auth === undefined ? {} : { auth }) });
    if (clients.size < MAX_WALLETS) clients.set(path, client);
    return client;
  };
  return Object.freeze({
    async of(wallet) {
      const units = await readBalance(clientOf(wallet), QUESTION_MS);
      if (units !== null) return units;
      throw new Error("the node does not give the wallet's balance");
    },
    async close() {
      await Promise.all([...clients.values()].map((client) => client.close()));
    },
  } satisfies Balances);
}
