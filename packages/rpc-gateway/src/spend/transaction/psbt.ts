/** What a PSBT pays that the wallet is asked to sign: `walletprocesspsbt`. */
import { type DecodedPsbt, decodePsbt } from "@dgb-shield/chain/decode";
import type { Checked } from "../../codes.js";
import { reading, refusal, undecoded } from "./codes.js";
import type { TransactionContext, TransactionSpend } from "./context.js";
import { resolveInputs, type SpentOutput } from "./resolve-inputs.js";
import { checkSighashes, checkSighashName, heightOf } from "./signing.js";
import { type Resolved, spendOf } from "./spend-of.js";
import { checkFinal, checkKind, outpointsOf } from "./weigh.js";

/**
 * Works out what a PSBT pays. What its inputs spend is found at the node, whatever the PSBT states.
 *
 * @param text Base64
 * @param sighash name of the signature type that the client asks for; undefined: the default
 * @returns what leaves, or a code and a text; never rejects
 */
export const readPsbtToSign = (
  context: TransactionContext,
  text: string,
  sighash: string | undefined,
): Promise<Checked<TransactionSpend>> =>
  reading(async () => {
    checkSighashName(sighash);
    return spendOf(context, await resolvedPsbt(context, text));
  });

/** A PSBT that may be signed, with what the node knows of its inputs. */
export async function resolvedPsbt(context: TransactionContext, text: string): Promise<Resolved> {
  const psbt = decodePsbt(context.chain, text);
  if (!psbt.ok) throw undecoded(psbt);
  const { transaction } = psbt.value;
  checkKind(transaction);
  checkSighashes(psbt.value);
  checkFinal(transaction, await heightOf(context));
  const spent = await resolveInputs(context, outpointsOf(transaction));
  checkStatements(psbt.value, spent);
  return { transaction, spent, raw: null, isSigned: false };
}

function checkStatements({ inputs }: DecodedPsbt, spent: readonly SpentOutput[]): void {
  for (const [i, { spends }] of inputs.entries()) {
    const { amount, script } = spent[i] ?? {};
    // [REFUSE utxo_false] the wallet would sign for another amount than there is
    if (spends !== null && (spends.amount !== amount || spends.script !== script)) {
      throw refusal("utxo_false");
    }
  }
}
