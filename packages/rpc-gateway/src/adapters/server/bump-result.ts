/** Writes the result of a fee bump as nodes do. */
import { formatAmount } from "@dgb-shield/contract";
import { type Json, JsonNumber } from "../../json/value.js";

/** Fees in base units. */
export type BumpFees = Readonly<{ earlierFee?: bigint; newFee?: bigint }>;

/** The result of `bumpfee`. */
export const bumpResult = (txid: string, { earlierFee = 0n, newFee = 0n }: BumpFees): Json =>
  new Map<string, Json>([
    ["txid", txid],
    ["origfee", new JsonNumber(formatAmount(earlierFee))],
    ["fee", new JsonNumber(formatAmount(newFee))],
    ["errors", []],
  ]);
