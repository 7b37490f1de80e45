/** Proves what the inputs of a PSBT are worth. */
import { equalBytes, hash160 } from "./bytes.js";
import { cursorOf } from "./cursor.js";
import { FIELD } from "./psbt-fields.js";
import type { PsbtMap } from "./psbt-maps.js";
import { Refusal } from "./refusal.js";
import { kindOf, scriptHashIn } from "./script.js";
import { MAX_AMOUNT, type Outpoint, readTransaction, type WireOutput } from "./wire.js";

/**
 * What proves an input's value: `non_witness_utxo`, the previous transaction, whose hash is in the outpoint;
 * `witness_utxo`, a statement that a valid signature of this input commits to (segregated witness and Taproot).
 */
export type ValueProof = "non_witness_utxo" | "witness_utxo";

/** What an input spends, and how that is proven. */
export type ProvenOutput = Readonly<{ output: WireOutput; proof: ValueProof }>;

/** The output that an input spends; null where the PSBT does not prove it. */
export function provenOutput(map: PsbtMap, outpoint: Outpoint): ProvenOutput | null {
  const previous = map.values.get(FIELD.nonWitnessUtxo);
  const stated = map.values.get(FIELD.witnessUtxo);
  const witness = stated && readOutput(stated, `${map.path}/witness_utxo`);
  if (previous === undefined) {
    return witness !== undefined && isCommittedTo(witness.script, map)
      ? { output: witness, proof: "witness_utxo" }
      : null;
  }
  const output = outputOfPrevious(previous, outpoint, map.path);
  // [REFUSE utxo_contradiction] the two statements of the spent output differ
  if (witness && (witness.amount !== output.amount || !equalBytes(witness.script, output.script))) {
    throw new Refusal("utxo_contradiction", map.path);
  }
  return { output, proof: "non_witness_utxo" };
}

function outputOfPrevious(data: Uint8Array, { txid, vout }: Outpoint, mapPath: string): WireOutput {
  const path = `${mapPath}/non_witness_utxo`;
  const previous = readTransaction(data, path);
  // [REFUSE utxo_mismatch] a transaction that does not hash to the outpoint proves nothing
  if (previous.txid !== txid) throw new Refusal("utxo_mismatch", path);
  const output = previous.outputs[vout];
  // [REFUSE utxo_index] the previous transaction has no such output
  if (output === undefined) throw new Refusal("utxo_index", path);
  return output;
}

function readOutput(data: Uint8Array, path: string): WireOutput {
  const cursor = cursorOf(data, path);
  const amount = cursor.u64();
  const script = cursor.bytes();
  cursor.end();
  if (amount > MAX_AMOUNT) throw new Refusal("amount_out_of_range", path);
  return { amount, script };
}

const WITNESS_KINDS: ReadonlySet<string> = new Set(["p2wpkh", "p2wsh", "p2tr"]);
const NESTED_KINDS: ReadonlySet<string> = new Set(["p2wpkh", "p2wsh"]);

/** Whether a signature of this script's spender commits to the amount, so that a false one would not be valid. */
function isCommittedTo(script: Uint8Array, { values }: PsbtMap): boolean {
  if (WITNESS_KINDS.has(kindOf(script))) return true;
  const scriptHash = scriptHashIn(script);
  const redeem = values.get(FIELD.redeemScript) ?? onlyPushOf(values.get(FIELD.finalScriptSig));
  return (
    scriptHash !== undefined &&
    redeem !== undefined &&
    NESTED_KINDS.has(kindOf(redeem)) &&
    equalBytes(hash160(redeem), scriptHash)
  );
}

/** The script that a final input of a nested witness program pushes. */
const onlyPushOf = (script: Uint8Array | undefined): Uint8Array | undefined =>
  script !== undefined && script[0] === script.length - 1 ? script.subarray(1) : undefined;
