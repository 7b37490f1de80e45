/** Compares a payment that the node built with what was asked for. */
import { decodeTransaction } from "@dgb-shield/chain/decode";
import { type Checked, passed, refused } from "../../codes.js";
import type { Spend } from "../../spend/model.js";
import type { Built } from "./execute.js";
import type { Site } from "./site.js";

/**
 * The payment with its transaction: every output that was asked for is there, and nothing else but change of the wallet.
 *
 * @param spend as it was asked for
 */
export async function withTransaction(
  site: Site,
  spend: Spend,
  built: Built,
): Promise<Checked<Spend>> {
  // [REFUSE transaction_differs] the node built another payment
  const differs = refused(
    "transaction_differs",
    "the node built another payment than was asked for: nothing was sent; check the node",
  );
  const decoded = decodeTransaction(site.ports.chain, built.hex);
  if (!decoded.ok || decoded.value.txid !== built.txid || decoded.value.extension !== null)
    return differs;
  const left = [...decoded.value.outputs];
  for (const { script, amount } of [...spend.payouts, ...spend.internal]) {
    const at = left.findIndex(
      (output) =>
        output.script === script &&
        (spend.fee.kind === "included" ? output.amount <= amount : output.amount === amount),
    );
    if (at < 0) return differs;
    left.splice(at, 1);
  }
  const rpc = site.questions.of(spend.wallet);
  for (const { address } of left) {
    const info = address === null ? undefined : await rpc.call("getaddressinfo", [address]);
    if (info?.ok !== true || !isMine(info.value)) return differs;
  }
  const inputs = decoded.value.inputs.map(({ txid, vout }) => ({ txid, vout }));
  return passed({ ...spend, inputs, transaction: built.hex });
}

const isMine = (info: unknown): boolean =>
  typeof info === "object" && info !== null && (info as Record<string, unknown>)["ismine"] === true;
