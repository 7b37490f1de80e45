/** Compares a payment that the node built with what was asked for. */
import { decodeTransaction } from "@dgb-shield/chain/decode";
import { type Checked, passed, refused } from "../../codes.js";
import type { Spend } from "../../spend/model.js";
import { readOwnScripts } from "../../spend/transaction/index.js";
import { contextOf } from "./context.js";
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
  const own = await readOwnScripts(contextOf(site, spend.wallet), left);
  if (!own.ok) return own;
  if (left.some(({ script }) => !own.value.has(script))) return differs;
  const inputs = decoded.value.inputs.map(({ txid, vout }) => ({ txid, vout }));
  return passed({ ...spend, inputs, transaction: built.hex });
}
