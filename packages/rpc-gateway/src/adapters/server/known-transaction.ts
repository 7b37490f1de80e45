/** Asks the node whether it has a transaction. */
import { type NodeRpc, RPC_IN_WARMUP } from "@dgb-shield/chain/rpc";

/**
 * Whether wallet, mempool, index or coins of the node have a transaction; its first outputs are looked for among the coins.
 *
 * @returns undefined where the node does not say
 */
export async function knowsTransaction(
  rpc: Pick<NodeRpc, "batch">,
  txid: string,
): Promise<boolean | undefined> {
  const [inWallet, raw, ...coins] = await rpc.batch([
    { method: "gettransaction", params: [txid] },
    { method: "getrawtransaction", params: [txid] },
    ...[0, 1, 2, 3].map((vout) => ({ method: "gettxout", params: [txid, vout, true] })),
  ]);
  if (inWallet?.ok === true || raw?.ok === true) return true;
  if (coins.some((coin) => coin.ok && coin.value !== null)) return true;
  const isAnswered = [inWallet, raw, ...coins].every(
    (one) =>
      one?.ok === true || (one?.failure.kind === "rpc" && one.failure.code !== RPC_IN_WARMUP),
  );
  return isAnswered ? false : undefined;
}
