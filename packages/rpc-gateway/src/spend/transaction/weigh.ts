/** Judges a decoded transaction: its kind, its outputs, its fee. */
import { sha256Hex } from "@dgb-shield/contract";
import { type DecodedTransaction, type OutputKind, outputKindOf } from "@dgb-shield/chain/decode";
import type { Outpoint, Payout } from "../model.js";
import { refusal } from "./codes.js";
import type { TransactionContext } from "./context.js";
import type { SpentOutput } from "./resolve-inputs.js";

/** Refuses a transaction of a kind, or with an output, whose rules are not known. */
export function checkKind({ extension, is_coinbase, outputs }: DecodedTransaction): void {
  // [REFUSE asset_unknown] the amounts of another asset are not in the outputs
  if (extension === "digidollar") throw refusal("asset_unknown");
  // [REFUSE transaction_unknown] no payment of a wallet
  if (extension !== null || is_coinbase) throw refusal("transaction_unknown");
  for (const { kind, amount } of outputs) {
    // [REFUSE output_unknown] an unknown witness program, a bare multisignature, any other script
    if (kind === "witness_unknown" || kind === "unknown") throw refusal("output_unknown");
    // [REFUSE output_valueless] what carries no amount of the coin may carry an asset
    if (amount === 0n && kind !== "op_return") throw refusal("output_valueless");
  }
}

/** Inputs minus outputs. */
export function feeOf(
  spent: readonly SpentOutput[],
  outputs: readonly Readonly<{ amount: bigint }>[],
): bigint {
  const fee = sumOf(spent) - sumOf(outputs);
  // [REFUSE fee_negative] more leaves than comes in
  if (fee < 0n) throw refusal("fee_negative");
  return fee;
}

const sumOf = (list: readonly Readonly<{ amount: bigint }>[]): bigint =>
  list.reduce((sum, { amount }) => sum + amount, 0n);

/** Caps a fee, in base units and by virtual byte. */
export function checkFee(
  { maxFee, maxFeeRate }: TransactionContext,
  fee: bigint,
  vsize: number,
): void {
  // [REFUSE fee_too_high] more than one transaction may cost
  if (fee > maxFee) throw refusal("fee_too_high");
  // fee_rate_too_high: more for a byte than is configured
  if (Number(fee) > maxFeeRate * vsize) throw refusal("fee_rate_too_high");
}

/** Virtual bytes that a signature adds, by what is spent: what a wallet's own scripts need. */
const SIGNATURE_VBYTES: Readonly<Partial<Record<OutputKind, number>>> = {
  p2pk: 73,
  p2pkh: 107,
  p2sh: 50,
  p2wpkh: 27,
  p2wsh: 27,
  p2tr: 17,
};

/** Virtual bytes of a transaction when it is signed, estimated from below, so that its rate is never taken for lower. */
export const signedVsize = (unsigned: number, spent: readonly SpentOutput[]): number =>
  spent.reduce((sum, { script }) => sum + (SIGNATURE_VBYTES[outputKindOf(script)] ?? 0), unsigned);

/** The outputs that leave. */
export const leaving = (
  { outputs }: Pick<DecodedTransaction, "outputs">,
  own: ReadonlySet<string>,
): Payout[] =>
  outputs
    .filter(({ script }) => !own.has(script))
    .map(({ script, address, amount }) => ({ script, address, amount }));

/** The outpoints of inputs. */
export const outpointsOf = ({ inputs }: Pick<DecodedTransaction, "inputs">): Outpoint[] =>
  inputs.map(({ txid, vout }) => ({ txid, vout }));

/** What a transaction is apart from its signatures, as a hash. */
export function contentOf({ version, inputs, outputs, locktime }: DecodedTransaction): string {
  const content = [
    ...[version, locktime, inputs.map(({ txid, vout, sequence }) => [txid, vout, sequence])],
    outputs.map(({ script, amount }) => [script, amount.toString()]),
  ];
  return sha256Hex(JSON.stringify(content));
}

const FIRST_TIME = 500_000_000;
const FINAL_SEQUENCE = 0xffff_ffff;
const NO_RELATIVE_LOCK = 0x8000_0000;
const RELATIVE_LOCK_MASK = 0xffff;

/** Refuses to sign what becomes valid later than the next block. */
export function checkFinal(
  { version, locktime, inputs }: DecodedTransaction,
  height: number,
): void {
  const ignoresLocktime = inputs.every(({ sequence }) => sequence === FINAL_SEQUENCE);
  const isLocked = locktime > height && !ignoresLocktime;
  const isTimed = locktime >= FIRST_TIME && !ignoresLocktime;
  const waits = ({ sequence }: Readonly<{ sequence: number }>): boolean =>
    version >= 2 && sequence < NO_RELATIVE_LOCK && (sequence & RELATIVE_LOCK_MASK) !== 0;
  // [REFUSE not_final_yet] a signature that can be used when limits have forgotten it
  if (isLocked || isTimed || inputs.some(waits)) throw refusal("not_final_yet");
}
