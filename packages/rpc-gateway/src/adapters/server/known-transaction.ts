/** Asks the node whether it has a transaction. */
import { RPC_IN_WARMUP, type RpcFailure } from "@dgb-shield/chain/rpc";
import { WALLET_NOT_FOUND } from "../../spend/transaction/index.js";
import type { Site } from "./site.js";

/**
 * Whether wallet, mempool, index or coins of the node have a transaction; its first outputs are looked for among the coins.
 *
 * @param wallet that would keep it; null where no wallet of the node need have it
 * @returns undefined where the node does not say, or has not loaded the wallet yet
 */
export async function knowsTransaction(
  { questions }: Pick<Site, "questions">,
  { wallet, txid }: Readonly<{ wallet: string | null; txid: string }>,
): Promise<boolean | undefined> {
  const [inWallet, raw, ...coins] = await questions
    .of(wallet)
    .batch([
      { method: "gettransaction", params: [txid] },
      { method: "getrawtransaction", params: [txid] },
      ...[0, 1, 2, 3].map((vout) => ({ method: "gettxout", params: [txid, vout, true] })),
    ]);
  if (inWallet?.ok === true || raw?.ok === true) return true;
  if (coins.some((coin) => coin.ok && coin.value !== null)) return true;
  const says = ({ kind, code }: RpcFailure): boolean =>
    kind === "rpc" &&
    code !== RPC_IN_WARMUP &&
    // A node without a wallet answers alike, and has said all there is where none was asked for.
    (code !== WALLET_NOT_FOUND || wallet === null);
  const isAnswered = [inWallet, raw, ...coins].every(
    (one) => one !== undefined && (one.ok || says(one.failure)),
  );
  return isAnswered ? false : undefined;
}
