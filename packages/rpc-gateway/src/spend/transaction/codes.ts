/** Why a transaction that a client brings, or asks to be signed, is not sent. */
import { decodeErrorText, type DecodeCode } from "@dgb-shield/chain/decode";
import type { Checked, GatewayCode, Refusal } from "../../codes.js";

const TEXTS = {
  asset_unknown:
    "the transaction moves DigiDollar, whose amounts are not in its outputs: nothing was sent; pay in the coin, since no policy covers DigiDollar yet",
  transaction_unknown:
    "the transaction is of a kind that wallets do not make (a coinbase, or one of an extension block): nothing was sent; build a payment of the coin",
  output_unknown:
    "an output's script is of a form without known rules: nothing was sent; pay to an address of this chain",
  output_valueless:
    "an output that is no data carries no amount: nothing was sent; leave it out, or give it an amount",
  input_unresolved:
    "what an input spends cannot be found at the node: nothing was sent; wait until the node knows the earlier transaction, or use a node with txindex=1",
  input_valueless:
    "an input spends an output without an amount, which may carry another asset: nothing was sent; spend other coins",
  inputs_too_many:
    "the transaction has more inputs than the gateway resolves: nothing was sent; split it",
  utxo_false:
    "the PSBT states another amount or script for an input than the node: nothing was signed; have it made again",
  fee_negative:
    "the outputs are worth more than the inputs: nothing was sent; build the transaction again",
  fee_too_high:
    "the fee is above the configured maximum: nothing was sent; lower the fee, or have an operator raise max_fee",
  fee_rate_too_high:
    "the fee rate is above the configured maximum: nothing was sent; lower the rate, or have an operator raise max_fee_rate",
  sighash_refused:
    "a signature would not commit to all inputs and outputs, so that others could change what is paid: nothing was signed; use ALL or DEFAULT",
  not_final_yet:
    "the transaction becomes valid at a later time, when this decision is old: nothing was signed; ask again then, or set no lock time",
  package_shape:
    "the package is none of one child with its parents: nothing was sent; send the transactions one by one",
  replacement_unrelated:
    "the new version shares no input with the earlier one, so that both could be mined: nothing was sent; keep one of its inputs",
  replacement_changed:
    "the new version pays others, or other amounts, than the earlier one: nothing was sent; make it a payment of its own",
  replacement_cheaper:
    "the new version pays no higher fee than the earlier one: nothing was sent; raise the fee",
  replaced_unknown:
    "the node cannot say which unconfirmed transaction spends an input already: nothing was sent; use a node with gettxspendingprevout, or wait for a block",
  bump_unavailable:
    "the node did not build the new version (not in the wallet, confirmed, not replaceable, or psbtbumpfee is missing): nothing was sent; ask the node by psbtbumpfee why",
  node_unavailable:
    "the node does not answer, so that what the transaction pays is not known: nothing was sent; try again",
  node_unreadable:
    "the node's answer cannot be read, so that what the transaction pays is not known: nothing was sent; see the gateway's log",
} as const satisfies Partial<Record<GatewayCode, string>>;

/** A refusal by the decoders of transactions themselves; those of `@dgb-shield/chain/decode` are passed on. */
export type TransactionCode = keyof typeof TEXTS;

/** Ends reading; never leaves this folder. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}

/** A refusal by one of this folder's rules. */
export const refusal = (code: TransactionCode): Refused => new Refused({ code, text: TEXTS[code] });

/** A refusal by the decoders of `chain`, with the place. */
export const undecoded = ({ code, path }: Readonly<{ code: DecodeCode; path: string }>): Refused =>
  new Refused({ code, text: `${decodeErrorText(code)} Place: ${path === "" ? "/" : path}.` });

/** Runs a reader. What it throws is a refusal; an exception that is none is `node_unreadable`. */
export async function reading<T>(read: () => Promise<T>): Promise<Checked<T>> {
  try {
    return Object.freeze({ ok: true, value: await read() });
  } catch (error) {
    const refused = error instanceof Refused ? error : refusal("node_unreadable");
    return Object.freeze({ ok: false, refusal: refused.refusal });
  }
}
