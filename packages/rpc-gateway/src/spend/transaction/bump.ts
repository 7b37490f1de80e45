/** What a fee bump pays: the node builds the new version unsigned, and it may differ from the earlier one in fee and change alone. */
import { decodeTransaction, type DecodedTransaction } from "@dgb-shield/chain/decode";
import type { Payout } from "../model.js";
import type { Checked } from "../../codes.js";
import { reading, refusal, undecoded } from "./codes.js";
import type { TransactionContext, TransactionSpend } from "./context.js";
import { ownScripts } from "./own-scripts.js";
import { resolvedPsbt } from "./psbt.js";
import { ask, memberOf, resolveInputs, valueOf } from "./resolve-inputs.js";
import { spendOf } from "./spend-of.js";
import { feeOf, leaving, outpointsOf } from "./weigh.js";

/** A new version that is built and not signed. */
export type Bump = TransactionSpend &
  Readonly<{ psbt: string; earlierFee: bigint; newFee: bigint }>;

/**
 * Has the node build the new version of a wallet's transaction, and works out what it pays more than the earlier one. It
 * signs and sends nothing: what is broadcast later must have the same `content`.
 *
 * @param txid of the earlier version
 * @param options of `bumpfee`, as they are passed on
 */
export const readBump = (
  context: TransactionContext,
  txid: string,
  options: Readonly<Record<string, unknown>>,
): Promise<Checked<Bump>> =>
  reading(async () => {
    const [known, built] = await ask(context, [
      { method: "gettransaction", params: [txid, true] },
      { method: "psbtbumpfee", params: [txid, options] },
    ]);
    const raw = memberOf(valueOf(known), "hex");
    const psbt = memberOf(valueOf(built), "psbt");
    // [REFUSE bump_unavailable] the node does not know the earlier version, or did not build a new one
    if (typeof raw !== "string" || typeof psbt !== "string") throw refusal("bump_unavailable");
    const earlier = earlierOf(context, raw, txid);
    const resolved = await resolvedPsbt(context, psbt);
    checkShared(earlier, resolved.transaction);
    const own = await ownScripts(context, [...earlier.outputs, ...resolved.transaction.outputs]);
    checkSamePayouts(leaving(earlier, own), leaving(resolved.transaction, own));
    const earlierFee = feeOf(await resolveInputs(context, outpointsOf(earlier)), earlier.outputs);
    const whole = await spendOf(context, resolved);
    // [REFUSE replacement_cheaper] nodes would keep the earlier version
    if (whole.fee <= earlierFee) throw refusal("replacement_cheaper");
    return {
      ...whole,
      outputs: [],
      fee: whole.fee - earlierFee,
      replaces: [...new Set([txid, ...whole.replaces])].sort(),
      psbt,
      earlierFee,
      newFee: whole.fee,
    };
  });

function earlierOf({ chain }: TransactionContext, raw: string, txid: string): DecodedTransaction {
  const earlier = decodeTransaction(chain, raw);
  if (!earlier.ok) throw undecoded(earlier);
  if (earlier.value.txid !== txid) throw refusal("node_unreadable");
  return earlier.value;
}

function checkShared(earlier: DecodedTransaction, next: DecodedTransaction): void {
  const spent = new Set(earlier.inputs.map(({ txid, vout }) => `${txid}:${vout}`));
  // [REFUSE replacement_unrelated] without a common input both versions could be mined
  if (!next.inputs.some(({ txid, vout }) => spent.has(`${txid}:${vout}`))) {
    throw refusal("replacement_unrelated");
  }
}

function checkSamePayouts(earlier: readonly Payout[], next: readonly Payout[]): void {
  const sorted = (list: readonly Payout[]): string =>
    list
      .map(({ script, amount }) => `${script}:${amount}`)
      .sort()
      .join();
  // [REFUSE replacement_changed] other destinations or amounts are no bump of the fee
  if (sorted(earlier) !== sorted(next)) throw refusal("replacement_changed");
}
