/** Works out what a call would pay, and how it is sent. */
import { type Parameters, positionalOf } from "../../call/parameters.js";
import { type Call, hasNoId } from "../../call/read-call.js";
import { type Checked, passed, refused } from "../../codes.js";
import type { Json } from "../../json/value.js";
import {
  ARGUMENT_DECODERS,
  type ArgumentDecoder,
  type ArgumentSpend,
} from "../../spend/from-arguments.js";
import type { Spend } from "../../spend/model.js";
import { withoutDecoder } from "../../spend/no-decoder.js";
import { splitOutputs } from "../../spend/outputs.js";
import { commentOf, type PaymentIdSource, readPaymentId } from "../../spend/payment-id.js";
import type { Admitted } from "./guard.js";
import type { Site } from "./site.js";

/** A payment that was worked out. */
export type Planned = Readonly<{
  call: Call;
  decoder: ArgumentDecoder;
  arguments: ArgumentSpend;
  spend: Spend;
  source: PaymentIdSource;
}>;

/** Works out a payment. */
export function plan(
  site: Site,
  call: Call,
  { client, wallet, paymentId }: Admitted,
): Checked<Planned> {
  // [REFUSE notification_refused] the result could not be answered
  if (hasNoId(call)) {
    return refused("notification_refused", "a call that pays or signs has no id: give it one");
  }
  const decoder = ARGUMENT_DECODERS.get(call.method);
  if (decoder === undefined) return withoutDecoder(call.method);
  const decoded = decoder.decode(site.spending, call.params);
  if (!decoded.ok) return decoded;
  const { outputs, fee, inputs, comment } = decoded.value;
  const source = client.payment_id_from;
  const id = readPaymentId(source, paymentId, comment);
  if (!id.ok) return id;
  const spend: Spend = {
    method: call.method,
    wallet,
    client: client.name,
    ...splitOutputs(site.spending, outputs),
    fee,
    inputs,
    replaces: [],
    payment_id: id.value,
    transaction: null,
  };
  return passed({ call, decoder, arguments: decoded.value, spend, source });
}

/** The parameters as they are sent: by position, with the payment's identity in the comment. */
export function paramsOf(
  { decoder, arguments: given, source }: Planned,
  paymentId: string,
): Parameters {
  const bound = new Map(given.bound);
  if (decoder.comment !== null) {
    bound.set(decoder.comment, commentOf(source, paymentId, given.comment));
  }
  return positionalOf(decoder.names, bound);
}

/** The result of a payment in the shape of its method. */
export function resultOf({ call, arguments: given }: Planned, txid: string): Json {
  if (call.method === "send") {
    return new Map<string, Json>([
      ["txid", txid],
      ["complete", true],
    ]);
  }
  return given.verbose
    ? new Map<string, Json>([
        ["txid", txid],
        ["fee_reason", "the payment was made before"],
      ])
    : txid;
}
