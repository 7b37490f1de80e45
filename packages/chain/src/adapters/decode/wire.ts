/** Reads a transaction's wire format (BIP 144, and Litecoin's HogEx). */
import { displayed, doubleSha256 } from "./bytes.js";
import { type Cursor, cursorOf } from "./cursor.js";
import { Refusal } from "./refusal.js";

/** What an input spends. */
export type Outpoint = Readonly<{
  /** As nodes write it. */
  txid: string;
  /** Index of the output, from 0. */
  vout: number;
}>;

/** An input as it is on the wire. */
export type WireInput = Outpoint & Readonly<{ sequence: number; scriptSig: Uint8Array }>;

/** An output as it is on the wire. */
export type WireOutput = Readonly<{ amount: bigint; script: Uint8Array }>;

/** A transaction as it is on the wire; byte strings are views. */
export type WireTransaction = Readonly<{
  version: number;
  inputs: readonly WireInput[];
  outputs: readonly WireOutput[];
  locktime: number;
  txid: string;
  wtxid: string;
  /** All bytes. */
  size: number;
  /** A quarter of the weight, rounded up. */
  vsize: number;
  hasWitness: boolean;
  /** Litecoin's transaction that carries the extension block's balance. */
  isHogex: boolean;
  isCoinbase: boolean;
}>;

/** Amounts are signed on the wire. */
export const MAX_AMOUNT = 2n ** 63n - 1n;

/** Least bytes of an input, and of an output. */
const INPUT_BYTES = 41;
const OUTPUT_BYTES = 9;

const VERSION_BYTES = 4;
const WITNESS_FLAG = 1;
const WITNESS_MARK = Uint8Array.of(0, WITNESS_FLAG);
const MWEB_FLAG = 8;
const NO_HASH = "0".repeat(64);
const NO_INDEX = 0xffff_ffff;

/**
 * Reads one transaction, which must be all of `data`.
 *
 * @param base path in front of all paths of refusals
 * @param form `stripped` reads the form without witnesses alone, as PSBTs have it
 */
export function readTransaction(
  data: Uint8Array,
  base = "",
  form: "any" | "stripped" = "any",
): WireTransaction {
  const cursor = cursorOf(data, base);
  const version = cursor.u32();
  const flags = form === "any" && data[VERSION_BYTES] === 0 ? readFlags(cursor) : 0;
  const start = cursor.position();
  const inputs = readInputs(cursor, base);
  const outputs = readOutputs(cursor, base);
  const stop = cursor.position();
  if ((flags & WITNESS_FLAG) !== 0) skipWitnesses(cursor, inputs.length);
  const witnessStop = cursor.position();
  if ((flags & MWEB_FLAG) !== 0) skipHogexMark(cursor, base);
  cursor.at("/locktime");
  const locktimeAt = cursor.position();
  const locktime = cursor.u32();
  cursor.at("");
  cursor.end();
  const hasWitness = (flags & WITNESS_FLAG) !== 0;
  const isHogex = (flags & MWEB_FLAG) !== 0;
  const joined = (...middle: Uint8Array[]) =>
    Buffer.concat([data.subarray(0, VERSION_BYTES), ...middle, data.subarray(locktimeAt)]);
  const stripped = flags === 0 ? data : joined(data.subarray(start, stop));
  // A HogEx is hashed and weighed without the mark of its extension.
  const whole = isHogex
    ? joined(...(hasWitness ? [WITNESS_MARK] : []), data.subarray(start, witnessStop))
    : data;
  return {
    version,
    inputs,
    outputs,
    locktime,
    txid: displayed(doubleSha256(stripped)),
    wtxid: displayed(doubleSha256(whole)),
    vsize: Math.ceil((3 * stripped.length + whole.length) / 4),
    size: data.length,
    hasWitness,
    isHogex,
    isCoinbase: isCoinbase(inputs, base),
  };
}

function readFlags(cursor: Cursor): number {
  cursor.at("/flags");
  cursor.u8();
  const flags = cursor.u8();
  // Two zeros are no inputs and no flags, which `readInputs` would not see any more.
  if (flags === 0) throw new Refusal("no_inputs", "/inputs");
  return (flags & ~(WITNESS_FLAG | MWEB_FLAG)) === 0 ? flags : cursor.fail();
}

function readInputs(cursor: Cursor, base: string): WireInput[] {
  cursor.at("/inputs");
  const count = cursor.count(INPUT_BYTES);
  // [REFUSE no_inputs] nothing is spent
  if (count === 0) throw new Refusal("no_inputs", `${base}/inputs`);
  const seen = new Set<string>();
  return Array.from({ length: count }, (_, i) => {
    const path = `/inputs/${i}`;
    cursor.at(path);
    const txid = displayed(cursor.take(32));
    const vout = cursor.u32();
    const scriptSig = cursor.bytes();
    const sequence = cursor.u32();
    const key = `${txid}:${vout}`;
    // [REFUSE duplicate_input] one output is spent twice
    if (seen.has(key)) throw new Refusal("duplicate_input", base + path);
    seen.add(key);
    return { txid, vout, scriptSig, sequence };
  });
}

function readOutputs(cursor: Cursor, base: string): WireOutput[] {
  cursor.at("/outputs");
  const count = cursor.count(OUTPUT_BYTES);
  // [REFUSE no_outputs] nothing is paid
  if (count === 0) throw new Refusal("no_outputs", `${base}/outputs`);
  let sum = 0n;
  return Array.from({ length: count }, (_, i) => {
    const path = `/outputs/${i}`;
    cursor.at(`${path}/amount`);
    const amount = cursor.u64();
    sum += amount;
    // [REFUSE amount_out_of_range] one amount or the sum, which nodes add up in 64 bits
    if (sum > MAX_AMOUNT) throw new Refusal("amount_out_of_range", `${base}${path}/amount`);
    cursor.at(`${path}/script`);
    return { amount, script: cursor.bytes() };
  });
}

/** Passes the witnesses, of which at least one has an item. */
function skipWitnesses(cursor: Cursor, inputs: number): void {
  let items = 0;
  for (let i = 0; i < inputs; i++) {
    cursor.at(`/inputs/${i}/witness`);
    const count = cursor.count(1);
    items += count;
    for (let item = 0; item < count; item++) cursor.bytes();
  }
  cursor.at("/flags");
  if (items === 0) cursor.fail();
}

/** A HogEx has a zero in place of an extension's transaction. */
function skipHogexMark(cursor: Cursor, base: string): void {
  cursor.at("/mweb");
  // [REFUSE mweb_transaction] amounts in an extension block are not in the outputs
  if (cursor.u8() !== 0) throw new Refusal("mweb_transaction", `${base}/mweb`);
}

function isCoinbase(inputs: readonly WireInput[], base: string): boolean {
  const none = inputs.findIndex(({ txid, vout }) => txid === NO_HASH && vout === NO_INDEX);
  // [REFUSE null_input] only the single input of a coinbase names no output
  if (none >= 0 && inputs.length > 1) throw new Refusal("null_input", `${base}/inputs/${none}`);
  return none === 0;
}

/** What the stripped form is written from. */
export type StrippedParts = Readonly<{
  version: number;
  inputs: readonly (Outpoint & Readonly<{ sequence: number }>)[];
  outputs: readonly WireOutput[];
  locktime: number;
}>;

/** Writes a transaction without scripts of inputs and without witnesses. */
export function writeStripped({ version, inputs, outputs, locktime }: StrippedParts): Uint8Array {
  const parts: Uint8Array[] = [littleEndian(version), sizeBytes(inputs.length)];
  for (const { txid, vout, sequence } of inputs) {
    const hash = Uint8Array.from(Buffer.from(txid, "hex")).reverse();
    parts.push(hash, littleEndian(vout), Uint8Array.of(0), littleEndian(sequence));
  }
  parts.push(sizeBytes(outputs.length));
  for (const { amount, script } of outputs) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(amount);
    parts.push(bytes, sizeBytes(script.length), script);
  }
  return Buffer.concat([...parts, littleEndian(locktime)]);
}

function littleEndian(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

function sizeBytes(size: number): Uint8Array {
  if (size < 0xfd) return Uint8Array.of(size);
  if (size <= 0xffff) return Uint8Array.of(0xfd, size & 0xff, size >>> 8);
  return Uint8Array.of(0xfe, ...littleEndian(size));
}
