/** Decodes what leaves: addresses, raw transactions and PSBTs, by the parameters of a chain. Signs nothing. */
export { addressOf, createScriptOf, decodeAddress, type DecodedAddress } from "./address.js";
export { DECODE_CODES, type DecodeCode, decodeErrorText } from "./codes.js";
export { type DecodedPsbt, decodePsbt, MAX_PSBT_BYTES, type PsbtInput } from "./psbt.js";
export type { ValueProof } from "./psbt-utxos.js";
export type { Decoded } from "./refusal.js";
export type { OutputKind } from "./script.js";
export {
  type DecodedTransaction,
  decodeTransaction,
  MAX_TRANSACTION_BYTES,
  outputKindOf,
  type TransactionExtension,
  type TransactionInput,
  type TransactionOutput,
} from "./transaction.js";
export type { Outpoint } from "./wire.js";
