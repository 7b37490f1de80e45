/** Attack `double-spend`: a deposit with confirmations is taken back by a longer branch in which its coin goes elsewhere. */
import { until } from "../network.js";
import type { TestnetNode } from "../node.js";
import { type Attack, NOTHING } from "./attack.js";
import { publish } from "./reorg.js";

/** Confirmations of the deposit, and blocks of the branch without it. */
const [CONFIRMATIONS, SECRET] = [8, 10];
/** Network fee in coins. */
const FEE = 0.001;

type Coin = Readonly<{ txid: string; vout: number; amount: number; spendable: boolean }>;

/** Deposits at the site, and takes the deposit back. */
export const doubleSpend: Attack = {
  summary: `a deposit to node-1 has ${CONFIRMATIONS} confirmations, then its coin was spent elsewhere`,
  expects: ["double_spend"],
  within_spacings: 20,
  async carryOut(stage) {
    const { network, miner, step } = stage;
    const { first, second, rival, mine } = network;
    await miner.use([]);
    await network.agree();
    const [coin] = await rival.rpc<readonly Coin[]>("listunspent", 101);
    if (coin === undefined) throw new Error("the rival has no coin to spend: wait for some blocks");
    const address = await first.rpc<string>("getnewaddress", "deposit");
    const deposit = await signed(rival, coin, address);
    const theft = await signed(rival, coin, await rival.rpc<string>("getnewaddress"));
    await network.isolate(rival);
    const txid = await second.rpc<string>("sendrawtransaction", deposit);
    await arrived(first, txid);
    await mine(first, CONFIRMATIONS);
    const before = await confirmations(first, txid);
    step(`a deposit of ${coin.amount - FEE} to node-1 has ${before} confirmations`, { txid });
    const stolen = await rival.rpc<string>("sendrawtransaction", theft);
    await mine(rival, SECRET);
    step(`${SECRET} blocks were mined on the rival, in which its coin goes elsewhere`, {
      txid: stolen,
    });
    await publish(stage);
    const after = await confirmations(first, txid);
    step(`the deposit is gone: node-1 shows ${after} confirmations`, {
      txid,
      confirmations: after,
    });
    return NOTHING;
  },
};

async function signed(node: TestnetNode, coin: Coin, address: string): Promise<string> {
  const { txid, vout, amount } = coin;
  const value = Number((amount - FEE).toFixed(8));
  const raw = await node.rpc<string>("createrawtransaction", [{ txid, vout }], {
    [address]: value,
  });
  const { hex } = await node.rpc<{ hex: string }>("signrawtransactionwithwallet", raw);
  return hex;
}

const confirmations = async (node: TestnetNode, txid: string): Promise<number> =>
  (await node.rpc<{ confirmations: number }>("gettransaction", txid)).confirmations;

/** Waits until a transaction has reached a node. */
const arrived = (node: TestnetNode, txid: string): Promise<void> =>
  until(async () => (await node.rpc<readonly string[]>("getrawmempool")).includes(txid));
