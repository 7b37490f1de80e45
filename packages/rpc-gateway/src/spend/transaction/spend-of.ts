/** Makes of a decoded transaction and what it spends what leaves by it. */
import type { DecodedTransaction } from "@dgb-shield/chain/decode";
import type { TransactionContext, TransactionSpend } from "./context.js";
import { ownScripts } from "./own-scripts.js";
import { replacedBy } from "./replaced.js";
import type { SpentOutput } from "./resolve-inputs.js";
import { checkFee, contentOf, feeOf, leaving, outpointsOf, signedVsize } from "./weigh.js";

/** A transaction whose inputs are resolved. */
export type Resolved = Readonly<{
  transaction: DecodedTransaction;
  /** What each input spends, in their order. */
  spent: readonly SpentOutput[];
  /** Hexadecimal, where the client brought it raw. */
  raw: string | null;
  isSigned: boolean;
}>;

/** Counts fee and outputs, and refuses a fee above the caps. */
export async function spendOf(
  context: TransactionContext,
  { transaction, spent, raw, isSigned }: Resolved,
): Promise<TransactionSpend> {
  const { txid, vsize, outputs } = transaction;
  const inputs = outpointsOf(transaction);
  const fee = feeOf(spent, outputs);
  checkFee(context, fee, isSigned ? vsize : signedVsize(vsize, spent));
  const own = await ownScripts(context, outputs);
  return {
    outputs: leaving(transaction, own),
    fee,
    inputs,
    replaces: await replacedBy(context, inputs, txid),
    txid,
    transaction: raw,
    content: contentOf(transaction),
  };
}
