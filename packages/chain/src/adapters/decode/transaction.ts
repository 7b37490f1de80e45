/** Decodes raw transactions: outpoints, amounts in base units, destinations, and what kind of transaction it is. */
import type { ChainParameters } from "../../parameters.js";
import { writtenAddress } from "./address.js";
import { bytesOfHex, hexOf } from "./bytes.js";
import { type Decoded, decoded } from "./refusal.js";
import { kindOf, type OutputKind } from "./script.js";
import { type Outpoint, readTransaction, type WireOutput, type WireTransaction } from "./wire.js";

/** An output of a decoded transaction. */
export type TransactionOutput = Readonly<{
  /** Hexadecimal text. */
  script: string;
  /** Base units, 0 to 2^63 − 1. */
  amount: bigint;
  /** In the usual spelling; null where the script has none, or the chain's parameters have no addresses. */
  address: string | null;
  kind: OutputKind;
}>;

/** An input of a decoded transaction. */
export type TransactionInput = Outpoint & Readonly<{ sequence: number }>;

/**
 * What a transaction is besides a payment of the coin: `digidollar` moves a second asset, whose amounts are not in
 * the outputs; `hogex` carries the balance of Litecoin's extension block.
 */
export type TransactionExtension = "digidollar" | "hogex";

/** A decoded transaction. */
export type DecodedTransaction = Readonly<{
  /** As nodes write it; of an unsigned transaction it changes where signatures go into scripts of inputs. */
  txid: string;
  wtxid: string;
  /** An unsigned 32-bit integer, as nodes write it. */
  version: number;
  inputs: readonly TransactionInput[];
  outputs: readonly TransactionOutput[];
  locktime: number;
  /** Bytes, with witnesses. */
  size: number;
  /** Virtual bytes, by which fees are counted: a quarter of the weight, rounded up. */
  vsize: number;
  has_witness: boolean;
  is_coinbase: boolean;
  /** Null for a payment of the coin. */
  extension: TransactionExtension | null;
}>;

/** Most bytes of a transaction: more than a block holds. */
export const MAX_TRANSACTION_BYTES = 4_000_000;

const DIGIDOLLAR_MASK = 0xffff;
const DIGIDOLLAR_VERSION = 0x0770;

/**
 * Decodes a raw transaction, with or without witnesses. All bytes must belong to it, sizes must be in their shortest
 * form, and it must have inputs, each of another output, and outputs.
 *
 * @param chain whose addresses are written
 * @param given hexadecimal text or bytes, at most {@link MAX_TRANSACTION_BYTES}
 * @returns the transaction, or a code and the place; never throws
 * @example decodeTransaction(digibyte, "0200…") // { ok: true, value: { txid: "…", outputs: [{ amount: 5000n, … }], … } }
 */
export const decodeTransaction = (
  chain: ChainParameters,
  given: string | Uint8Array,
): Decoded<DecodedTransaction> =>
  decoded(() => described(chain, readTransaction(bytesOfHex(given, MAX_TRANSACTION_BYTES))));

/** Longest script whose form is looked at, in bytes: that of any is known by fewer. */
const MAX_SCRIPT_BYTES = 10_000;

/**
 * The form of a script.
 *
 * @param script hexadecimal text
 * @returns `unknown` for what is no script, too
 * @example outputKindOf("0014751e76e8199196d454941c45d1b3a323f1433bd6") // "p2wpkh"
 */
export function outputKindOf(script: string): OutputKind {
  const bytes = decoded(() => bytesOfHex(script, MAX_SCRIPT_BYTES));
  return bytes.ok ? kindOf(bytes.value) : "unknown";
}

/** Describes a transaction for callers. */
export function described(chain: ChainParameters, wire: WireTransaction): DecodedTransaction {
  const { txid, wtxid, version, locktime, size, vsize, hasWitness, isCoinbase } = wire;
  return Object.freeze({
    txid,
    wtxid,
    version,
    inputs: Object.freeze(
      wire.inputs.map(({ txid, vout, sequence }) => Object.freeze({ txid, vout, sequence })),
    ),
    outputs: Object.freeze(wire.outputs.map((output) => describedOutput(chain, output))),
    locktime,
    size,
    vsize,
    has_witness: hasWitness,
    is_coinbase: isCoinbase,
    extension: extensionOf(wire),
  });
}

/** Describes an output for callers. */
export const describedOutput = (
  { addresses }: ChainParameters,
  { amount, script }: WireOutput,
): TransactionOutput =>
  Object.freeze({
    script: hexOf(script),
    amount,
    address: addresses === undefined ? null : writtenAddress(addresses, script),
    kind: kindOf(script),
  });

function extensionOf({ version, isHogex }: WireTransaction): TransactionExtension | null {
  if (isHogex) return "hogex";
  return (version & DIGIDOLLAR_MASK) === DIGIDOLLAR_VERSION ? "digidollar" : null;
}
