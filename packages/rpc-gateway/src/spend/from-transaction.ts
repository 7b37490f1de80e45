/** Binds the parameters of the methods that pay by a transaction, and works out what it pays. */
import {
  type Bound,
  bindParameters,
  invalidParameter,
  type Parameters,
} from "../call/parameters.js";
import { type Checked, passed } from "../codes.js";
import { isList, isMap, type Json, JsonNumber, plainOf } from "../json/value.js";
import { checkFeeOptions } from "./fee-options.js";
import { refusedOption } from "./from-arguments.js";
import {
  readBump,
  readPackage,
  readPsbtToSign,
  readRawToSign,
  readRawTransaction,
  type TransactionContext,
  type TransactionSpend,
} from "./transaction/index.js";

/**
 * How a method pays: it broadcasts a transaction that is signed, or several together, it signs one that others may broadcast, or it
 * does both with one that the node builds.
 */
export type TransactionMode = "broadcast" | "package" | "sign" | "bump";

/** What a call pays, with what a fee bump or a package has besides. */
export type Paid = TransactionSpend &
  Readonly<{
    /** That the node built for a bump. */
    psbt?: string;
    earlierFee?: bigint;
    newFee?: bigint;
    /** Of the transactions of a package, the child's last. */
    txids?: readonly string[];
  }>;

/** One method. */
export type TransactionDecoder = Readonly<{
  mode: TransactionMode;
  /** Names of its parameters, in their order. */
  names: readonly string[];
  /** Checks the parameters without asking the node. */
  bind(params: Parameters, maxFeeRate: number): Checked<Bound>;
  /** Works out what is paid. */
  read(context: TransactionContext, bound: Bound): Promise<Checked<Paid>>;
}>;

const textIn = (bound: Bound, name: string): string => {
  const value = bound.get(name);
  return typeof value === "string" ? value : "";
};

const isText = (value: Json | undefined): boolean => typeof value === "string";
const isAmount = (value: Json | undefined): boolean =>
  value === undefined ||
  typeof value === "string" ||
  typeof value === "boolean" ||
  value instanceof JsonNumber;

/** `maxfeerate` may be a switch in old nodes; it only ever narrows what the gateway's caps let through. */
const RAW = ["hexstring", "maxfeerate", "maxburnamount"];

const sendrawtransaction: TransactionDecoder = {
  mode: "broadcast",
  names: RAW,
  bind(params) {
    const bound = bindParameters(RAW, 1, params);
    if (!bound.ok) return bound;
    const given = bound.value;
    if (!isText(given.get("hexstring"))) return invalidParameter("hexstring is no string");
    return isAmount(given.get("maxfeerate")) && isAmount(given.get("maxburnamount"))
      ? bound
      : invalidParameter("maxfeerate or maxburnamount is no amount");
  },
  read: (context, bound) => readRawTransaction(context, textIn(bound, "hexstring")),
};

const PACKAGE = ["package", "maxfeerate", "maxburnamount"];

const submitpackage: TransactionDecoder = {
  mode: "package",
  names: PACKAGE,
  bind(params) {
    const bound = bindParameters(PACKAGE, 1, params);
    if (!bound.ok) return bound;
    const given = bound.value;
    const list = given.get("package");
    if (!isList(list) || !list.every(isText))
      return invalidParameter("package is no list of texts");
    return isAmount(given.get("maxfeerate")) && isAmount(given.get("maxburnamount"))
      ? bound
      : invalidParameter("maxfeerate or maxburnamount is no amount");
  },
  read(context, bound) {
    const list = bound.get("package");
    const hexes = isList(list) ? list : [];
    return readPackage(
      context,
      hexes.map((hex) => (typeof hex === "string" ? hex : "")),
    );
  },
};

const SIGN_RAW = ["hexstring", "prevtxs", "sighashtype"];

const signrawtransactionwithwallet: TransactionDecoder = {
  mode: "sign",
  names: SIGN_RAW,
  bind(params) {
    const bound = bindParameters(SIGN_RAW, 1, params);
    if (!bound.ok) return bound;
    const given = bound.value;
    const isFit = isText(given.get("hexstring")) && isText(given.get("sighashtype") ?? "");
    return isFit ? bound : invalidParameter("hexstring or sighashtype is no string");
  },
  read: (context, bound) => readRawToSign(context, textIn(bound, "hexstring"), sighashIn(bound)),
};

const PROCESS = ["psbt", "sign", "sighashtype", "bip32derivs", "finalize"];

const walletprocesspsbt: TransactionDecoder = {
  mode: "sign",
  names: PROCESS,
  bind(params) {
    const bound = bindParameters(PROCESS, 1, params);
    if (!bound.ok) return bound;
    const given = bound.value;
    const switches = ["sign", "bip32derivs", "finalize"].map((name) => given.get(name) ?? false);
    const isFit =
      isText(given.get("psbt")) &&
      isText(given.get("sighashtype") ?? "") &&
      switches.every((value) => typeof value === "boolean");
    return isFit ? bound : invalidParameter("a parameter is of another type");
  },
  read: (context, bound) => readPsbtToSign(context, textIn(bound, "psbt"), sighashIn(bound)),
};

const sighashIn = (bound: Bound): string | undefined =>
  bound.has("sighashtype") ? textIn(bound, "sighashtype") : undefined;

const BUMP = ["txid", "options"];
const TXID = /^[0-9a-f]{64}$/;
/** Options of a bump; those that replace recipients or choose whom the fee is taken from are not among them. */
const BUMP_OPTIONS = ["conf_target", "confTarget", "fee_rate", "estimate_mode", "replaceable"];

const bumpfee: TransactionDecoder = {
  mode: "bump",
  names: BUMP,
  bind(params, maxFeeRate) {
    const bound = bindParameters(BUMP, 1, params);
    if (!bound.ok) return bound;
    if (!TXID.test(textIn(bound.value, "txid"))) return invalidParameter("txid is no txid");
    const options = bound.value.get("options") ?? new Map<string, Json>();
    if (!isMap(options)) return invalidParameter("options is no object");
    for (const name of options.keys()) {
      if (!BUMP_OPTIONS.includes(name)) return refusedOption(name);
    }
    if (typeof (options.get("replaceable") ?? true) !== "boolean") {
      return invalidParameter("replaceable is of another type");
    }
    const fee = checkFeeOptions(options, maxFeeRate);
    return fee.ok ? passed(bound.value) : fee;
  },
  read: (context, bound) =>
    readBump(
      context,
      textIn(bound, "txid"),
      plainOf(bound.get("options") ?? new Map<string, Json>()) as Record<string, unknown>,
    ),
};

/** The decoders, by the exact name of their method. */
export const TRANSACTION_DECODERS: ReadonlyMap<string, TransactionDecoder> = new Map([
  ["sendrawtransaction", sendrawtransaction],
  ["submitpackage", submitpackage],
  ["signrawtransactionwithwallet", signrawtransactionwithwallet],
  ["walletprocesspsbt", walletprocesspsbt],
  ["bumpfee", bumpfee],
]);
