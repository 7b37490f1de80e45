/** Why an address, a transaction or a PSBT was refused: codes, and what each means for a reader. */

const TEXTS = {
  address_format_missing:
    "This chain's parameters have no address format. Use a chain whose parameters have `addresses`.",
  address_unreadable:
    "This is no address: it is neither Base58Check nor Bech32. Copy it again from its source.",
  address_mixed_case:
    "The address mixes capital and small letters, which Bech32 forbids. Copy it again from its source.",
  address_checksum:
    "The checksum of the address is wrong: it is mistyped or damaged. Copy it again from its source.",
  address_network:
    "The address is of another chain or network. Ask the recipient for an address of this one.",
  address_witness_program:
    "The address is of a witness version or length that has no rules yet. Ask the recipient for another one.",
  address_mweb:
    "The address is of a MimbleWimble extension block, where amounts are hidden. Ask the recipient for another one.",
  address_digidollar:
    "The address is of DigiDollar, another asset of this chain. Ask the recipient for an address of the coin.",
  encoding:
    "The text is not hexadecimal (a transaction) or Base64 (a PSBT) throughout. Pass it without white space or prefix.",
  too_large: "The input is larger than any that is decoded. Split the payment.",
  malformed:
    "The bytes end early, go on after the end, or hold a size or flag that is not allowed. Build it again.",
  no_inputs: "The transaction has no inputs. Add what it spends.",
  no_outputs: "The transaction has no outputs. Add whom it pays.",
  null_input: "An input that is not of a coinbase names no output. Build the transaction again.",
  duplicate_input: "The transaction spends one output twice. Build it again.",
  amount_out_of_range: "An amount, or the sum of all, exceeds 2^63 - 1 base units. Build it again.",
  mweb_transaction:
    "The transaction has a MimbleWimble extension, where amounts are hidden. Pay without it.",
  psbt_magic: "This is no PSBT: its first bytes are others. Pass the PSBT as its maker gave it.",
  psbt_version: "The PSBT is neither of version 0 nor of version 2. Export it as one of them.",
  psbt_duplicate_key: "A map of the PSBT has a key twice. Export it again.",
  psbt_unknown_field:
    "The PSBT has a field that is not known, or not allowed in its version. Export it without it.",
  psbt_field: "A field of the PSBT has a key or a value of a wrong length. Export it again.",
  psbt_missing_field: "The PSBT lacks a field that its version requires. Export it again.",
  psbt_signed: "The unsigned transaction of the PSBT has scripts of inputs. Export it again.",
  psbt_locktime:
    "No lock time satisfies all inputs: some need a height and others a time. Build two transactions.",
  utxo_mismatch:
    "A previous transaction in the PSBT is not the one that its input spends. Export it again from a node.",
  utxo_index:
    "An input spends an output that its previous transaction does not have. Build it again.",
  utxo_contradiction:
    "The two statements of what an input spends differ in amount or script. Export it again from a node.",
  fee_negative: "The outputs are worth more than the inputs. Build the transaction again.",
} as const;

/** Why something could not be decoded. */
export type DecodeCode = keyof typeof TEXTS;

/** All codes of this subpath. */
export const DECODE_CODES = Object.freeze(Object.keys(TEXTS) as DecodeCode[]);

/**
 * What a code means, and what to do next; it never quotes the input.
 *
 * @example decodeErrorText("no_inputs") // "The transaction has no inputs. Add what it spends."
 */
export const decodeErrorText = (code: DecodeCode): string => TEXTS[code];
