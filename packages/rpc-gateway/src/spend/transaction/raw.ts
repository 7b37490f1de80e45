/** What raw transactions pay: `sendrawtransaction`, `submitpackage`, `signrawtransactionwithwallet`. */
import { decodeTransaction, type DecodedTransaction } from "@dgb-shield/chain/decode";
import type { Checked } from "../../codes.js";
import { reading, refusal, undecoded } from "./codes.js";
import type { TransactionContext, TransactionSpend } from "./context.js";
import { ownScripts } from "./own-scripts.js";
import { replacedBy } from "./replaced.js";
import { resolveInputs } from "./resolve-inputs.js";
import { checkSighashName, heightOf } from "./signing.js";
import { spendOf } from "./spend-of.js";
import {
  checkFee,
  checkFinal,
  checkKind,
  contentOf,
  feeOf,
  leaving,
  outpointsOf,
} from "./weigh.js";

/**
 * Works out what a raw transaction pays.
 *
 * @param hex of the transaction, as the client gave it
 * @returns what leaves, or a code and a text; never rejects
 */
export const readRawTransaction = (
  context: TransactionContext,
  hex: string,
): Promise<Checked<TransactionSpend>> =>
  reading(async () => {
    const transaction = decoded(context, hex);
    checkKind(transaction);
    const spent = await resolveInputs(context, outpointsOf(transaction));
    return spendOf(context, { transaction, spent, raw: hex, isSigned: true });
  });

/**
 * Works out what a raw transaction pays that the wallet is asked to sign. It must be valid in the next block, and every
 * signature must commit to all of it.
 *
 * @param sighash name of the signature type that the client asks for; undefined: the default
 */
export const readRawToSign = (
  context: TransactionContext,
  hex: string,
  sighash: string | undefined,
): Promise<Checked<TransactionSpend>> =>
  reading(async () => {
    checkSighashName(sighash);
    const transaction = decoded(context, hex);
    checkKind(transaction);
    checkFinal(transaction, await heightOf(context));
    const spent = await resolveInputs(context, outpointsOf(transaction));
    return spendOf(context, { transaction, spent, raw: hex, isSigned: false });
  });

/** Most transactions of a package, as nodes have it. */
const MAX_PACKAGE = 25;

/**
 * Works out what a package pays: a child, which comes last, and its parents. What the child spends of its parents does
 * not leave by them.
 */
export const readPackage = (
  context: TransactionContext,
  hexes: readonly string[],
): Promise<Checked<TransactionSpend>> =>
  reading(async () => {
    const all = hexes.slice(0, MAX_PACKAGE + 1).map((hex) => decoded(context, hex));
    const child = all.at(-1);
    const parents = new Map(all.slice(0, -1).map((one) => [one.txid, one]));
    const spentByChild = new Set(child?.inputs.map(({ txid, vout }) => `${txid}:${vout}`));
    const isParent = ({ txid }: DecodedTransaction): boolean =>
      child?.inputs.some((input) => input.txid === txid) === true;
    // [REFUSE package_shape] too many, one twice, or a transaction that the last one does not spend
    if (
      child === undefined ||
      all.length > MAX_PACKAGE ||
      parents.size !== all.length - 1 ||
      ![...parents.values()].every(isParent)
    ) {
      throw refusal("package_shape");
    }
    for (const one of all) checkKind(one);
    const inputs = all.flatMap(outpointsOf);
    const spent = await resolveInputs(context, inputs, parents);
    const outputs = all.flatMap(({ outputs }) => outputs);
    const fee = feeOf(spent, outputs);
    checkFee(
      context,
      fee,
      all.reduce((sum, { vsize }) => sum + vsize, 0),
    );
    const own = await ownScripts(context, outputs);
    const outside = inputs.filter(({ txid }) => !parents.has(txid));
    const left = all.map(({ txid, outputs: each }) => ({
      outputs: each.filter((_, vout) => !spentByChild.has(`${txid}:${vout}`)),
    }));
    return {
      outputs: left.flatMap((one) => leaving(one, own)),
      fee,
      inputs: outside,
      replaces: (await replacedBy(context, outside, child.txid)).filter((id) => !parents.has(id)),
      txid: child.txid,
      transaction: hexes.at(-1) ?? null,
      content: contentOf(child),
    };
  });

function decoded({ chain }: TransactionContext, hex: string): DecodedTransaction {
  const result = decodeTransaction(chain, hex);
  if (!result.ok) throw undecoded(result);
  return result.value;
}
