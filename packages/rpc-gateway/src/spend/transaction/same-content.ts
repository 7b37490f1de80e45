/** Compares a signed transaction with what was decided on. */
import { decodePsbt, decodeTransaction } from "@dgb-shield/chain/decode";
import type { ChainParameters } from "@dgb-shield/chain";
import { contentOf } from "./weigh.js";

/**
 * The id of a signed transaction that spends and pays exactly what was decided on.
 *
 * @param content of the `TransactionSpend` that was allowed
 * @param hex the signed transaction
 * @returns null for any other transaction, and for what is none
 */
export function txidOfContent(chain: ChainParameters, content: string, hex: string): string | null {
  const decoded = decodeTransaction(chain, hex);
  return decoded.ok && contentOf(decoded.value) === content ? decoded.value.txid : null;
}

/** Whether a PSBT spends and pays exactly what was decided on. */
export function isPsbtOfContent(chain: ChainParameters, content: string, psbt: string): boolean {
  const decoded = decodePsbt(chain, psbt);
  return decoded.ok && contentOf(decoded.value.transaction) === content;
}
