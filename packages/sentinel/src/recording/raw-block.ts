/** What a raw recording shows of the transactions of a block: `getblock` with verbosity 2 or more. */
import { hash256Schema, heightSchema } from "@dgb-shield/contract";
import { z } from "zod";
import type { BlockDetail, Signature } from "../observation/observation.js";
import { baseUnits, resultOf } from "./raw-answers.js";
import type { RawLine } from "./raw-lines.js";

const inputSchema = z.object({
  coinbase: z.string().optional(),
  txinwitness: z.array(z.string()).optional(),
  scriptSig: z.object({ hex: z.string() }).optional(),
});

const transactionSchema = z.object({
  txid: hash256Schema,
  fee: z.number().min(0).optional(),
  vin: z.array(inputSchema),
  vout: z.array(z.object({ value: z.number().min(0) })),
});
type Transaction = z.infer<typeof transactionSchema>;

const blockSchema = z.object({
  hash: hash256Schema,
  height: heightSchema,
  tx: z.array(transactionSchema).min(1),
});

/** Least verbosity at which `getblock` gives the transactions. */
const WITH_TRANSACTIONS = 2;

/** Whether an answer gives the transactions of a block. */
export const hasTransactions = ({ method, params }: RawLine): boolean =>
  method === "getblock" && Number(params?.[1]) >= WITH_TRANSACTIONS;

/** Coinbase and signatures of a block. */
export type RawBlock = {
  /** Undefined where the node does not give the fees of its transactions, which its inputs alone do not show. */
  detail: BlockDetail | undefined;
  signatures: Signature[];
};

/**
 * Reads the transactions of a block.
 *
 * @throws RecordingError `invalid_record`
 */
export function blockOf(raw: RawLine): RawBlock {
  const { hash, height, tx } = resultOf(raw, blockSchema);
  const [coinbase, ...others] = tx;
  const fees = feesOf(others);
  const detail =
    coinbase === undefined || fees === undefined
      ? undefined
      : { hash, height, coinbase_value: valueOf(coinbase), fees };
  return { detail, signatures: others.flatMap(signaturesOf) };
}

const valueOf = ({ vout }: Transaction): number =>
  vout.reduce((sum, { value }) => sum + baseUnits(value), 0);

function feesOf(transactions: readonly Transaction[]): number | undefined {
  let sum = 0;
  for (const { fee } of transactions) {
    if (fee === undefined) return undefined;
    sum += baseUnits(fee);
  }
  return sum;
}

/** Signatures of inputs that pay a key alone: of a witness, or of a script that pushes both. */
function signaturesOf({ txid, vin }: Transaction): Signature[] {
  return vin.flatMap(({ txinwitness, scriptSig }) => {
    const isWitness = txinwitness !== undefined && txinwitness.length > 0;
    const pushed = isWitness ? txinwitness : pushesOf(scriptSig?.hex ?? "");
    const [signature, key] = pushed;
    if (pushed.length !== 2 || signature === undefined || !PUBLIC_KEY.test(key ?? "")) return [];
    const numbers = derNumbers(signature);
    return numbers === undefined || key === undefined
      ? []
      : [{ ...numbers, key, scheme: "ecdsa" as const, txid }];
  });
}

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
