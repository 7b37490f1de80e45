/** What raw transactions pay: `sendrawtransaction`, `submitpackage`, `signrawtransactionwithwallet`. */
import { decodeTransaction, type DecodedTransaction } from "@dgb-shield/chain/decode";
import type { Checked } from "../../codes.js";
import { reading, refusal, undecoded } from "./codes.js";
import type { PackageSpend, TransactionContext, TransactionSpend } from "./context.js";
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
 * Works out what a package pays: a child, which comes last, and its parents. Nodes may take some of its transactions alone, so
 * that what a parent pays counts although the child spends it, unless it is proven own.
 */
export const readPackage = (
  context: TransactionContext,
  hexes: readonly string[],
): Promise<Checked<PackageSpend>> =>
  reading(async () => {
    const all = hexes.slice(0, MAX_PACKAGE + 1).map((hex) => decoded(context, hex));
    const child = checkShape(all);
    for (const one of all) checkKind(one);
    const parents = new Map(all.slice(0, -1).map((one) => [one.txid, one]));
    const inputs = all.flatMap(outpointsOf);
    const spent = await resolveInputs(context, inputs, parents);
    let from = 0;
    // Each by itself first: no parent pays more than it spends.
    const fees = all.map((one) =>
      feeOf(spent.slice(from, (from += one.inputs.length)), one.outputs),
    );
    const fee = fees.reduce((sum, each) => sum + each, 0n);
    const vsize = all.reduce((sum, one) => sum + one.vsize, 0);
    checkFee(context, fee, vsize);
    const own = await ownScripts(
      context,
      all.flatMap(({ outputs }) => outputs),
    );
    const outside = inputs.filter(({ txid }) => !parents.has(txid));
    return {
      outputs: all.flatMap((one) => leaving(one, own)),
      fee,
      inputs: outside,
      replaces: (await replacedBy(context, outside, child.txid)).filter((id) => !parents.has(id)),
      txid: child.txid,
      txids: all.map(({ txid }) => txid),
      transaction: hexes.at(-1) ?? null,
      // It names its parents by their ids.
      content: contentOf(child),
    };
  });

/** Returns the child of a package. */
function checkShape(all: readonly DecodedTransaction[]): DecodedTransaction {
  const child = all.at(-1);
  const parents = new Set(all.slice(0, -1).map(({ txid }) => txid));
  const spends = new Set(child?.inputs.map(({ txid }) => txid));
  // [REFUSE package_shape] too many, one twice, or a transaction that the last one does not spend
  if (
    child === undefined ||
    all.length > MAX_PACKAGE ||
    parents.size !== all.length - 1 ||
    ![...parents].every((txid) => spends.has(txid))
  ) {
    throw refusal("package_shape");
  }
  return child;
}

function decoded({ chain }: TransactionContext, hex: string): DecodedTransaction {
  const result = decodeTransaction(chain, hex);
  if (!result.ok) throw undecoded(result);
  return result.value;
}
