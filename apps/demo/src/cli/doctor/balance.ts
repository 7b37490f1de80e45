/** Checks that a node gives the balance of a wallet that it has to prove. */
import { createNodeBalances } from "../../service/balances/node-balances.js";
import type { ServiceConfig } from "../../service/config/service-config.js";
import { fail, ok, type Task } from "./check.js";

/** Makes the check of each wallet with a `node_wallet`; its line names no amount. */
export const balanceTasks = (config: Pick<ServiceConfig, "nodes" | "node_wallets">): Task[] =>
  [...config.node_wallets].map(([walletId, { node_id }]) => {
    const name = `balance ${walletId}`;
    return {
      name,
      async run() {
        const balances = createNodeBalances({ config, monotonic: () => performance.now() });
        try {
          const asked = await balances.of(walletId);
          return asked === null || asked.amount === null
            ? fail(
                name,
                `${node_id} does not give it: every payment of this wallet is refused`,
                "load the wallet in that node, and compare node_wallet with listwallets",
              )
            : ok(name, `${node_id} gives it`);
        } finally {
          await balances.close();
        }
      },
    };
  });
