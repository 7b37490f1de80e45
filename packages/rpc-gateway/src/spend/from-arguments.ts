/** Decoders of the methods that say in their arguments what they pay: `sendtoaddress`, `sendmany`, `send`. */
import { type Checked, passed, refused } from "../codes.js";
import {
  bindParameters,
  type Bound,
  invalidParameter,
  type Parameters,
} from "../call/parameters.js";
import { isList, isMap, type Json, JsonNumber } from "../json/value.js";
import { checkFeeOptions, isInteger } from "./fee-options.js";
import type { Outpoint, Payout, SpendFee } from "./model.js";
import { readOutput, readOutputs, type SpendContext } from "./outputs.js";

/** What the arguments of a call say. */
export type ArgumentSpend = Readonly<{
  outputs: readonly Payout[];
  fee: SpendFee;
  inputs: readonly Outpoint[] | null;
  /** Comment for the wallet; undefined where there is none, or the method takes none. */
  comment: string | undefined;
  /** Parameters by name, as they will be sent. */
  bound: Bound;
  /** Answer with details of the fee. */
  verbose: boolean;
}>;

/** One method. */
export type ArgumentDecoder = Readonly<{
  /** Names of its parameters, in their order. */
  names: readonly string[];
  /** Parameter that keeps a comment in the wallet; null where the method has none. */
  comment: string | null;
  decode(context: SpendContext, params: Parameters): Checked<ArgumentSpend>;
}>;

const FEE_NAMES = ["replaceable", "conf_target", "estimate_mode"];

/** What a type of parameter accepts. */
const TYPES: Readonly<Record<string, (value: Json) => boolean>> = {
  boolean: (value) => typeof value === "boolean",
  text: (value) => typeof value === "string",
  count: (value) => isInteger(value, 0, 9_999_999),
  list: isList,
};

/** Names and types of the parameters that are not judged otherwise. */
const TYPE_OF: Readonly<Record<string, keyof typeof TYPES>> = {
  comment: "text",
  comment_to: "text",
  subtractfeefromamount: "boolean",
  replaceable: "boolean",
  avoid_reuse: "boolean",
  verbose: "boolean",
  minconf: "count",
  dummy: "text",
  subtractfeefrom: "list",
  add_inputs: "boolean",
  change_position: "count",
  include_unsafe: "boolean",
  maxconf: "count",
};

function mistyped(bound: Bound): string | undefined {
  for (const [name, value] of bound) {
    const type = Object.hasOwn(TYPE_OF, name) ? TYPE_OF[name] : undefined;
    if (type !== undefined && TYPES[type]?.(value) !== true) return name;
  }
  return undefined;
}

/** Binds, and checks types and fee options. */
function bindSpend(
  context: SpendContext,
  names: readonly string[],
  required: number,
  params: Parameters,
): Checked<Bound> {
  const bound = bindParameters(names, required, params);
  if (!bound.ok) return bound;
  const wrong = mistyped(bound.value);
  if (wrong !== undefined) return invalidParameter(`${wrong} is of another type`);
  const fee = checkFeeOptions(bound.value, context.maxFeeRate);
  return fee.ok ? bound : fee;
}

const textOf = (value: Json | undefined): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

const SENDTOADDRESS = [
  ...["address", "amount", "comment", "comment_to", "subtractfeefromamount"],
  ...[...FEE_NAMES, "avoid_reuse", "fee_rate", "verbose"],
];

const sendtoaddress: ArgumentDecoder = {
  names: SENDTOADDRESS,
  comment: "comment",
  decode(context, params) {
    const bound = bindSpend(context, SENDTOADDRESS, 2, params);
    if (!bound.ok) return bound;
    const given = bound.value;
    const output = readOutput(context, given.get("address"), given.get("amount"));
    if (!output.ok) return output;
    return passed({
      outputs: [output.value],
      fee: { kind: given.get("subtractfeefromamount") === true ? "included" : "reserve" },
      inputs: null,
      comment: textOf(given.get("comment")),
      bound: given,
      verbose: given.get("verbose") === true,
    });
  },
};

const SENDMANY = [
  ...["dummy", "amounts", "minconf", "comment", "subtractfeefrom"],
  ...[...FEE_NAMES, "fee_rate", "verbose"],
];

const sendmany: ArgumentDecoder = {
  names: SENDMANY,
  comment: "comment",
  decode(context, params) {
    const bound = bindSpend(context, SENDMANY, 0, params);
    if (!bound.ok) return bound;
    const given = bound.value;
    // A name of an account, in old nodes: what is paid from it is not what the wallet has.
    if ((given.get("dummy") ?? "") !== "")
      return invalidParameter("the first parameter is not empty");
    const amounts = given.get("amounts");
    if (!isMap(amounts)) return invalidParameter("amounts is no object of address and amount");
    const outputs = readOutputs(context, amounts);
    if (!outputs.ok) return outputs;
    const payers = given.get("subtractfeefrom");
    const addresses = isList(payers) ? payers : [];
    if (addresses.some((one) => typeof one !== "string" || !amounts.has(one))) {
      return invalidParameter("subtractfeefrom names an address that is not paid");
    }
    return passed({
      outputs: outputs.value,
      fee: { kind: addresses.length > 0 ? "included" : "reserve" },
      inputs: null,
      comment: textOf(given.get("comment")),
      bound: given.has("dummy") ? given : new Map<string, Json>([["dummy", ""], ...given]),
      verbose: given.get("verbose") === true,
    });
  },
};

const SEND = ["outputs", "conf_target", "estimate_mode", "fee_rate", "options"];

const SEND_OPTIONS = [
  ...["add_inputs", "add_to_wallet", "change_position", "change_type", "conf_target", "psbt"],
  ...["estimate_mode", "fee_rate", "include_unsafe", "include_watching", "inputs", "lock_unspents"],
  ...["locktime", "minconf", "maxconf", "replaceable", "subtract_fee_from_outputs"],
];

/** Options of `send` with the only value that they may have. */
const SEND_FIXED: Readonly<Record<string, (value: Json) => boolean>> = {
  add_to_wallet: (value) => value === true,
  psbt: (value) => value === false,
  lock_unspents: (value) => value === false,
  include_watching: (value) => value === false,
  locktime: (value) => isInteger(value, 0, 0),
};

const send: ArgumentDecoder = {
  names: SEND,
  comment: null,
  decode(context, params) {
    const bound = bindSpend(context, SEND, 1, params);
    if (!bound.ok) return bound;
    const given = bound.value;
    const outputs = readOutputs(context, given.get("outputs"), { data: true });
    if (!outputs.ok) return outputs;
    const options = readSendOptions(context, given.get("options"));
    if (!options.ok) return options;
    const inputs = readInputs(options.value.get("inputs"));
    if (!inputs.ok) return inputs;
    const payers = options.value.get("subtract_fee_from_outputs") ?? [];
    const count = outputs.value.length;
    if (!isList(payers) || payers.some((one) => !isInteger(one, 0, count - 1))) {
      return invalidParameter("subtract_fee_from_outputs names no output");
    }
    return passed({
      outputs: outputs.value,
      fee: { kind: payers.length > 0 ? "included" : "reserve" },
      inputs: inputs.value,
      comment: undefined,
      bound: given,
      verbose: false,
    });
  },
};

function readSendOptions(context: SpendContext, given: Json | undefined): Checked<Bound> {
  if (given !== undefined && !isMap(given)) return invalidParameter("options is no object");
  const options = bindSpend(context, SEND_OPTIONS, 0, given ?? new Map<string, Json>());
  if (!options.ok) return options;
  for (const [name, value] of options.value) {
    const isFixed = Object.hasOwn(SEND_FIXED, name) ? SEND_FIXED[name] : undefined;
    if (isFixed !== undefined && !isFixed(value)) return refusedOption(name);
  }
  const changeType = options.value.get("change_type");
  if (changeType !== undefined && typeof changeType !== "string") {
    return invalidParameter("change_type is of another type");
  }
  return options;
}

/** Inputs that the client chose; null where the node chooses, or may add to them. */
function readInputs(given: Json | undefined): Checked<readonly Outpoint[] | null> {
  if (given === undefined) return passed(null);
  if (!isList(given)) return invalidParameter("inputs is no list");
  const inputs: Outpoint[] = [];
  for (const item of given) {
    const [txid, vout] = isMap(item) ? [item.get("txid"), item.get("vout")] : [];
    const isOutpoint = typeof txid === "string" && /^[0-9a-f]{64}$/.test(txid);
    if (!isOutpoint || !(vout instanceof JsonNumber) || !isInteger(vout, 0, 0xffff_ffff)) {
      return invalidParameter("an input is no txid and vout");
    }
    inputs.push({ txid, vout: Number(vout.text) });
  }
  return passed(inputs.length === 0 ? null : inputs);
}

/** An option that a payment through the gateway cannot have. */
export function refusedOption(name: string): Extract<Checked<never>, { ok: false }> {
  // [REFUSE option_refused] an option that signs without sending, holds coins, or lasts beyond the call
  return refused(
    "option_refused",
    `${name} cannot be set through the gateway: leave it out, or have an operator do it at the node`,
  );
}

/** The decoders, by the exact name of their method. */
export const ARGUMENT_DECODERS: ReadonlyMap<string, ArgumentDecoder> = new Map([
  ["sendtoaddress", sendtoaddress],
  ["sendmany", sendmany],
  ["send", send],
]);
