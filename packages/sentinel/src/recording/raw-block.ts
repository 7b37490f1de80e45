/** What a raw recording shows of the transactions of a block: `getblock` with verbosity 2 or more. */
import { hash256Schema, heightSchema } from "@dgb-shield/contract";
import { z } from "zod";
import type { BlockDetail, Signature } from "../observation/observation.js";
import type { BlockBody, BlockTransaction } from "./lost-transactions.js";
import { baseUnits, resultOf } from "./raw-answers.js";
import type { RawLine } from "./raw-lines.js";

const scriptSchema = z.object({ hex: z.string() });

const inputSchema = z.object({
  coinbase: z.string().optional(),
  txid: hash256Schema.optional(),
  vout: z.uint32().optional(),
  txinwitness: z.array(z.string()).optional(),
  scriptSig: scriptSchema.optional(),
  /** The output that it spends; from verbosity 3 on, of blocks of the active chain. */
  prevout: z.object({ value: z.number().min(0), scriptPubKey: scriptSchema }).optional(),
});
type Input = z.infer<typeof inputSchema>;

const transactionSchema = z.object({
  txid: hash256Schema,
  fee: z.number().min(0).optional(),
  vin: z.array(inputSchema),
  vout: z.array(z.object({ value: z.number().min(0), scriptPubKey: scriptSchema.optional() })),
});
type Transaction = z.infer<typeof transactionSchema>;

const blockSchema = z.object({
  hash: hash256Schema,
  height: heightSchema,
  confirmations: z.int().optional(),
  tx: z.array(transactionSchema).min(1),
});

/** Least verbosity at which `getblock` gives the transactions. */
const WITH_TRANSACTIONS = 2;

/** Whether an answer gives the transactions of a block. */
export const hasTransactions = ({ method, params }: RawLine): boolean =>
  method === "getblock" && Number(params?.[1]) >= WITH_TRANSACTIONS;

/** Coinbase, signatures and transactions of a block. */
export type RawBlock = {
  hash: string;
  /** Undefined where the node gives neither the fees of its transactions nor the outputs that they spend. */
  detail: BlockDetail | undefined;
  signatures: Signature[];
  body: BlockBody;
  /**
   * Whether the outputs that its transactions spend are given; undefined where they spend none, and off the active
   * chain, where no node gives them.
   */
  hasPrevouts: boolean | undefined;
};

/**
 * Reads the transactions of a block.
 *
 * @throws RecordingError `invalid_record`
 */
export function blockOf(raw: RawLine): RawBlock {
  const { hash, height, tx, confirmations = 1 } = resultOf(raw, blockSchema);
  const [coinbase, ...others] = tx;
  const fees = feesOf(others);
  const detail =
    coinbase === undefined || fees === undefined
      ? undefined
      : { hash, height, coinbase_value: valueOf(coinbase), fees };
  const inputs = others.flatMap(({ vin }) => vin);
  return {
    hash,
    detail,
    signatures: others.flatMap(signaturesOf),
    body: { height, transactions: others.map(transactionOf) },
    hasPrevouts:
      inputs.length === 0 || confirmations < 1
        ? undefined
        : inputs.every(({ prevout }) => prevout !== undefined),
  };
}

const idsSchema = z.object({ height: heightSchema, tx: z.array(hash256Schema).min(1) });

/** The ids of a block's transactions, as `getblock` with verbosity 1 gives them; undefined for another form. */
export function idsOf({ result }: RawLine): BlockBody | undefined {
  const { success, data } = idsSchema.safeParse(result);
  if (!success) return undefined;
  const transactions = data.tx.slice(1).map((txid) => ({ txid, spends: [], outputs: [] }));
  return { height: data.height, transactions };
}

const transactionOf = ({ txid, vin, vout }: Transaction): BlockTransaction => ({
  txid,
  spends: vin.flatMap((input) =>
    input.txid === undefined || input.vout === undefined ? [] : [`${input.txid}:${input.vout}`],
  ),
  outputs: vout.map(({ value, scriptPubKey }, i) => ({
    // One that is not given is like no other.
    script: scriptPubKey?.hex ?? `${txid}:${i}`,
    value: baseUnits(value),
  })),
});

const valueOf = ({ vout }: Pick<Transaction, "vout">): number =>
  vout.reduce((sum, { value }) => sum + baseUnits(value), 0);

function feesOf(transactions: readonly Transaction[]): number | undefined {
  let sum = 0;
  for (const transaction of transactions) {
    const fee = feeOf(transaction);
    if (fee === undefined) return undefined;
    sum += fee;
  }
  return sum;
}

/** The fee as the node gives it, else what goes in less what comes out. */
function feeOf({ fee, vin, vout }: Transaction): number | undefined {
  if (fee !== undefined) return baseUnits(fee);
  const spent: { value: number }[] = [];
  for (const { prevout } of vin) {
    if (prevout === undefined) return undefined;
    spent.push(prevout);
  }
  return Math.max(
    0,
    spent.reduce((sum, { value }) => sum + baseUnits(value), 0) - valueOf({ vout }),
  );
}

/**
 * Signatures of inputs that pay a key alone: of a witness or a script that pushes signature and key, and, where
 * the output is known, of one that has the key itself.
 */
const signaturesOf = ({ txid, vin }: Transaction): Signature[] =>
  vin.flatMap((input) => {
    const signature = signatureOf(input);
    return signature === undefined ? [] : [{ ...signature, txid }];
  });

function signatureOf(input: Input): Signature | undefined {
  const { txinwitness = [], scriptSig, prevout } = input;
  const script = prevout?.scriptPubKey.hex ?? "";
  const taproot = TAPROOT.exec(script)?.[1];
  if (taproot !== undefined) return schnorrOf(txinwitness, taproot);
  const pushed = txinwitness.length > 0 ? txinwitness : pushesOf(scriptSig?.hex ?? "");
  const key = pushed.length === 1 ? PAY_TO_KEY.exec(script)?.[1] : pushed[1];
  if (pushed.length > 2 || key === undefined || !PUBLIC_KEY.test(key)) return undefined;
  const numbers = derNumbers(pushed[0] ?? "");
  return numbers && { ...numbers, key, scheme: "ecdsa" };
}

/** A spend by the key of a taproot output: one signature of 64 bytes, or 65 with its kind, and maybe an annex. */
function schnorrOf(witness: readonly string[], key: string): Signature | undefined {
  const [signature = "", annex] = witness;
  const isByKey =
    witness.length === 1 || (witness.length === 2 && annex?.startsWith("50") === true);
  const [, r, s] = SCHNORR.exec(signature) ?? [];
  return isByKey && r !== undefined && s !== undefined
    ? { r, s, key, scheme: "schnorr" }
    : undefined;
}

/** An output that a taproot key may spend (BIP 341), and one that a key in it may. */
const TAPROOT = /^5120([0-9a-f]{64})$/;
const PAY_TO_KEY = /^(?:21|41)(0[23][0-9a-f]{64}|04[0-9a-f]{128})ac$/;

const SCHNORR = /^([0-9a-f]{64})([0-9a-f]{64})(?:[0-9a-f]{2})?$/;

const PUBLIC_KEY = /^(?:0[23][0-9a-f]{64}|04[0-9a-f]{128})$/;

/** The data that a script pushes, where it does nothing else. */
function pushesOf(script: string): string[] {
  const pushed: string[] = [];
  for (let at = 0; at < script.length;) {
    const length = byteAt(script, at);
    if (!(length > 0 && length <= 75)) return [];
    pushed.push(script.slice(at + 2, at + 2 + 2 * length));
    at += 2 + 2 * length;
  }
  return pushed;
}

/** r and s of a DER signature, as 32 bytes each. */
function derNumbers(der: string): { r: string; s: string } | undefined {
  if (byteAt(der, 0) !== 0x30) return undefined;
  const r = derNumber(der, 4);
  const s = r && derNumber(der, r.end);
  return s && { r: r.hex, s: s.hex };
}

function derNumber(der: string, at: number): { hex: string; end: number } | undefined {
  const length = byteAt(der, at + 2);
  const end = at + 4 + 2 * length;
  if (byteAt(der, at) !== 2 || !(end <= der.length)) return undefined;
  const hex = der
    .slice(at + 4, end)
    .replace(/^(?:00)+/, "")
    .padStart(64, "0");
  return hash256Schema.safeParse(hex).success ? { hex, end } : undefined;
}

const byteAt = (hex: string, at: number): number => Number.parseInt(hex.slice(at, at + 2), 16);
