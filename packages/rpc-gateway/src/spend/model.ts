/** What leaves by one call, as the gateway worked it out (design, section 6). */
import type { Refusal } from "../codes.js";

/** An output of a payment. */
export type Payout = Readonly<{
  /** Output script, lower-case hexadecimal. */
  script: string;
  /** As the client wrote it; null where only the script is known. */
  address: string | null;
  /** Base units, 0 or more. */
  amount: bigint;
}>;

/** An output to a destination of the site's own. */
export type InternalPayout = Payout &
  Readonly<{
    /** Class of the destination, such as `cold`. */
    class: string;
  }>;

/** An output that is spent. */
export type Outpoint = Readonly<{
  txid: string;
  /** Index of the output. */
  vout: number;
}>;

/** What the network takes. */
export type SpendFee =
  /** Known before the call, in base units. */
  | Readonly<{ kind: "known"; amount: bigint }>
  /** Known after the call alone: the hook reserves a maximum. */
  | Readonly<{ kind: "reserve" }>
  /** Taken from the payouts: no more than their sum leaves. */
  | Readonly<{ kind: "included" }>;

/** A payment that a call would make. */
export type Spend = Readonly<{
  method: string;
  /** Name of the wallet that pays; null where the transaction comes from elsewhere. */
  wallet: string | null;
  /** Name of the client that calls. */
  client: string;
  /** Outputs that are not proven the site's own. */
  payouts: readonly Payout[];
  /** Outputs to configured own destinations. */
  internal: readonly InternalPayout[];
  fee: SpendFee;
  /** Null where the node chooses. */
  inputs: readonly Outpoint[] | null;
  /** Ids of the transactions that this one replaces. */
  replaces: readonly string[];
  /** Identity that the client gave; null where the hook is to make one. */
  payment_id: string | null;
  /** Raw transaction, hexadecimal, where it is known before the payment is allowed. */
  transaction: string | null;
}>;

/** What a decoder makes of a call. */
export type DecodedSpend =
  | Readonly<{ ok: true; spend: Spend }>
  | Readonly<{
      ok: false;
      /** `code` is one of `GATEWAY_CODES`; `text` has no values of parameters. */
      refusal: Refusal;
    }>;
