/** Checks that a transaction is exactly the approved payment: payouts in their order, own change, proven values, a fee within bounds. */
import type { ChainParameters } from "@dgb-shield/chain";
import {
  type DecodedTransaction,
  decodePsbt,
  decodeTransaction,
  type TransactionOutput,
} from "@dgb-shield/chain/decode";
import { parseAmount } from "@dgb-shield/contract";
import type { PaymentToken } from "../../token.js";
import { Refusal } from "./codes.js";
import type { OwnScripts } from "./own-scripts.js";

/** What is to be signed: a PSBT, or a raw transaction with the whole previous transaction of each input. */
export type Signable =
  | Readonly<{
      /** Base64 text or bytes. */
      psbt: string | Uint8Array;
    }>
  | Readonly<{
      /** Hexadecimal text or bytes, and those of the transactions whose outputs are spent. */
      tx: string | Uint8Array;
      previous: readonly (string | Uint8Array)[];
    }>;

/** A transaction with what its inputs spend. */
export type ProvenTransaction = Readonly<{
  transaction: DecodedTransaction;
  spent: readonly TransactionOutput[];
}>;

/** A transaction that is the approved payment. */
export type CheckedTransaction = Readonly<{
  txid: string;
  /** `txid:vout` of each input. */
  inputs: readonly string[];
  /** Base units. */
  fee: bigint;
  change: readonly Readonly<{ script: string; amount: bigint }>[];
}>;

const VERSIONS: ReadonlySet<number> = new Set([1, 2]);
/** Signatures that commit to all inputs and outputs: the default, and ALL. */
const SAFE_SIGHASHES: ReadonlySet<number | null> = new Set([null, 0, 1]);
const MAX_PREVIOUS = 2_000;

/**
 * Checks a transaction against a token.
 *
 * @throws Refusal
 */
export function checkTransaction(
  { transaction, spent }: ProvenTransaction,
  token: PaymentToken,
  own: OwnScripts,
): CheckedTransaction {
  const { txid, version, extension, is_coinbase, inputs, outputs } = transaction;
  // [REFUSE transaction_kind] another asset, an extension block, new coins, a version without rules
  if (extension !== null || is_coinbase || !VERSIONS.has(version)) {
    throw new Refusal("transaction_kind");
  }
  // [REFUSE transaction_other] the claim named another transaction
  if (token.transaction !== null && token.transaction !== txid) {
    throw new Refusal("transaction_other");
  }
  spent.forEach(({ script }, at) => {
    // [REFUSE input_foreign] an owner who is not known could have stated a false value elsewhere
    if (!own.has(script)) throw new Refusal("input_foreign", `/inputs/${at}`);
  });
  const change = checkOutputs(outputs, token, own);
  const fee = sumOf(spent) - sumOf(outputs);
  // [REFUSE fee_too_high] above what was approved
  if (fee < 0n || fee > parseAmount(token.max_fee)) throw new Refusal("fee_too_high");
  return { txid, inputs: inputs.map((input) => `${input.txid}:${input.vout}`), fee, change };
}

function checkOutputs(
  outputs: readonly TransactionOutput[],
  { payouts }: PaymentToken,
  own: OwnScripts,
): CheckedTransaction["change"] {
  const change: { script: string; amount: bigint }[] = [];
  let next = 0;
  outputs.forEach((output, at) => {
    const isPayout = (index: number): boolean => {
      const payout = payouts[index];
      return (
        payout !== undefined &&
        payout.script === output.script &&
        parseAmount(payout.amount) === output.amount
      );
    };
    if (isPayout(next)) {
      next++;
      return;
    }
    if (own.has(output.script)) {
      change.push({ script: output.script, amount: output.amount });
      return;
    }
    const path = `/outputs/${at}`;
    // [REFUSE output_order] an approved payout, but not the next one
    if (payouts.some((_, index) => index > next && isPayout(index))) {
      throw new Refusal("output_order", path);
    }
    // [REFUSE output_foreign] neither a payout nor proven change
    throw new Refusal("output_foreign", path);
  });
  // [REFUSE output_missing] a payout that is not paid
  if (next < payouts.length) throw new Refusal("output_missing", `/payouts/${next}`);
  return change;
}

const sumOf = (outputs: readonly Readonly<{ amount: bigint }>[]): bigint =>
  outputs.reduce((sum, { amount }) => sum + amount, 0n);

/**
 * Decodes what is to be signed, and proves what its inputs spend.
 *
 * @throws Refusal
 */
export const readSignable = (chain: ChainParameters, given: Signable): ProvenTransaction =>
  Object.hasOwn(given, "psbt")
    ? readPsbt(chain, (given as Readonly<{ psbt: string | Uint8Array }>).psbt)
    : readRaw(chain, given as Exclude<Signable, { psbt: unknown }>);

/** A statement of an input's value proves it where a false one makes the signature invalid, whatever else is signed. */
function readPsbt(chain: ChainParameters, psbt: string | Uint8Array): ProvenTransaction {
  const read = decodePsbt(chain, psbt);
  if (!read.ok) throw unreadable(read.path, read.code);
  const { transaction, inputs, is_modifiable } = read.value;
  // [REFUSE psbt_modifiable] what is signed could grow
  if (is_modifiable) throw new Refusal("psbt_modifiable");
  const spent = inputs.map(({ spends, proof, sighash }, at) => {
    const path = `/inputs/${at}`;
    // [REFUSE sighash_unsafe] a signature that leaves something open
    if (!SAFE_SIGHASHES.has(sighash)) throw new Refusal("sighash_unsafe", path);
    // Two sessions with two false values give two valid witness v0 signatures: only the previous transaction is proof.
    const isProven = proof === "non_witness_utxo" || spends?.kind === "p2tr" || inputs.length === 1;
    // [REFUSE input_unproven] a value that is only stated
    if (spends === null || !isProven) throw new Refusal("input_unproven", path);
    return spends;
  });
  return { transaction, spent };
}

function readRaw(
  chain: ChainParameters,
  { tx, previous }: Exclude<Signable, { psbt: unknown }>,
): ProvenTransaction {
  const read = decodeTransaction(chain, tx);
  if (!read.ok) throw unreadable(read.path, read.code);
  if (previous.length > MAX_PREVIOUS) throw unreadable("/previous", "too_large");
  const known = new Map(
    previous.map((one, at) => {
      const decoded = decodeTransaction(chain, one);
      if (!decoded.ok) throw unreadable(`/previous/${at}${decoded.path}`, decoded.code);
      return [decoded.value.txid, decoded.value.outputs] as const;
    }),
  );
  const spent = read.value.inputs.map(({ txid, vout }, at) => {
    const output = known.get(txid)?.[vout];
    if (output === undefined) throw new Refusal("input_unproven", `/inputs/${at}`);
    return output;
  });
  return { transaction: read.value, spent };
}

// [REFUSE transaction_unreadable] what does not decode without doubt
const unreadable = (path: string, detail: string) =>
  new Refusal("transaction_unreadable", path, detail);
