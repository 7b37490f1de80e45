/** Decodes PSBTs (BIP 174 and 370): the unsigned transaction, and what is proven of its inputs. */
import type { ChainParameters } from "../../parameters.js";
import { bytesOfBase64 } from "./bytes.js";
import { cursorOf } from "./cursor.js";
import { FIELD } from "./psbt-fields.js";
import { optionalWordIn, type PsbtMap, readMaps } from "./psbt-maps.js";
import { provenOutput, type ValueProof } from "./psbt-utxos.js";
import { isModifiable, unsignedOfV2 } from "./psbt-v2.js";
import { type Decoded, decoded, Refusal } from "./refusal.js";
import {
  type DecodedTransaction,
  described,
  describedOutput,
  type TransactionInput,
  type TransactionOutput,
} from "./transaction.js";
import { MAX_AMOUNT, type WireInput } from "./wire.js";

/** An input of a PSBT. */
export type PsbtInput = TransactionInput &
  Readonly<{
    /** The output that it spends; null where the PSBT does not prove amount and script. */
    spends: TransactionOutput | null;
    /** What proves it; null with `spends`. */
    proof: ValueProof | null;
    /** The signature type that a signer is asked for; null: its default, which commits to all inputs and outputs. */
    sighash: number | null;
    /** Whether it has its final script or witness. */
    is_final: boolean;
  }>;

/** A decoded PSBT. */
export type DecodedPsbt = Readonly<{
  version: 0 | 2;
  /** Unsigned: its `txid` is the final one only where no input gets a script. */
  transaction: DecodedTransaction;
  inputs: readonly PsbtInput[];
  /** Inputs minus outputs, in base units; null where an input's value is not proven. */
  fee: bigint | null;
  /** Whether every input is final. */
  is_complete: boolean;
  /** Whether its maker allows others to add inputs or outputs (version 2). */
  is_modifiable: boolean;
}>;

/** Most bytes of a PSBT. */
export const MAX_PSBT_BYTES = 8_000_000;

/**
 * Decodes a PSBT of version 0 or 2. Fields that are not known are refused, but for proprietary ones, which are ignored:
 * what a later standard adds could change what leaves. Public keys and signatures are not checked.
 *
 * @param chain whose addresses are written
 * @param given Base64 text or bytes, at most {@link MAX_PSBT_BYTES}
 * @returns the PSBT, or a code and the place; never throws
 * @example decodePsbt(digibyte, "cHNidP8…") // { ok: true, value: { fee: 1410n, inputs: [{ proof: "witness_utxo", … }], … } }
 */
export const decodePsbt = (
  chain: ChainParameters,
  given: string | Uint8Array,
): Decoded<DecodedPsbt> =>
  decoded(() => {
    const maps = readMaps(bytesOfBase64(given, MAX_PSBT_BYTES));
    const unsigned = maps.version === 0 ? maps.unsigned : unsignedOfV2(maps);
    const inputs = unsigned.inputs.map((input, i) => describedInput(chain, input, maps.inputs[i]));
    const transaction = described(chain, unsigned);
    return Object.freeze({
      version: maps.version,
      transaction,
      inputs: Object.freeze(inputs),
      fee: feeOf(inputs, transaction),
      is_complete: inputs.every(({ is_final }) => is_final),
      is_modifiable: isModifiable(maps.global),
    });
  });

function describedInput(
  chain: ChainParameters,
  { txid, vout, sequence }: WireInput,
  map: PsbtMap | undefined,
): PsbtInput {
  if (map === undefined) throw new Refusal("malformed", "/inputs");
  const proven = provenOutput(map, { txid, vout });
  return Object.freeze({
    txid,
    vout,
    sequence,
    spends: proven && describedOutput(chain, proven.output),
    proof: proven && proven.proof,
    sighash: optionalWordIn(map, FIELD.sighash) ?? null,
    is_final: isFinal(map),
  });
}

/** Whether an input has a final script, or a final witness with an item. */
function isFinal({ values, path }: PsbtMap): boolean {
  const witness = values.get(FIELD.finalWitness);
  const items = witness === undefined ? 0 : countItems(witness, `${path}/final_witness`);
  return items > 0 || (values.get(FIELD.finalScriptSig)?.length ?? 0) > 0;
}

function countItems(witness: Uint8Array, path: string): number {
  const cursor = cursorOf(witness, path);
  const items = cursor.count(1);
  for (let item = 0; item < items; item++) cursor.bytes();
  cursor.end();
  return items;
}

function feeOf(inputs: readonly PsbtInput[], { outputs }: DecodedTransaction): bigint | null {
  let sum = 0n;
  for (const [i, { spends }] of inputs.entries()) {
    if (spends === null) return null;
    sum += spends.amount;
    if (sum > MAX_AMOUNT) throw new Refusal("amount_out_of_range", `/inputs/${i}`);
  }
  const fee = outputs.reduce((left, { amount }) => left - amount, sum);
  // [REFUSE fee_negative] more leaves than comes in
  if (fee < 0n) throw new Refusal("fee_negative", "/outputs");
  return fee;
}
