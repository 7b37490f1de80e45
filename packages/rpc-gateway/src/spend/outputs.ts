/** Reads who is paid and how much, as the wallet's own methods name it: address to amount. */
import { type Checked, passed, refused } from "../codes.js";
import { invalidParameter } from "../call/parameters.js";
import { isList, isMap, type Json } from "../json/value.js";
import { readAmount } from "./amount.js";
import type { InternalPayout, Payout } from "./model.js";

/** What a decoder has to know of the site. */
export type SpendContext = Readonly<{
  /** The output script of an address, lower-case hexadecimal; null for what is no address of the chain. */
  scriptOf(address: string): string | null;
  /** Class of an own destination, by its script; undefined for everything else. */
  classOf(script: string): string | undefined;
  /** Highest fee rate that a client may ask for, in base units for a virtual byte. */
  maxFeeRate: number;
}>;

/** The outputs of a payment, own destinations apart. */
export type Outputs = Readonly<{
  payouts: readonly Payout[];
  internal: readonly InternalPayout[];
}>;

/** Most outputs of one call: a transaction of standard size has fewer. */
const MAX_OUTPUTS = 3_000;

/** Most bytes of a data output: what one push of a byte's length can carry. */
const MAX_DATA = 255;

/** Reads one output. */
export function readOutput(
  context: SpendContext,
  address: Json | undefined,
  amount: Json | undefined,
): Checked<Payout> {
  if (typeof address !== "string") return invalidParameter("an address is no string");
  const script = context.scriptOf(address);
  // [REFUSE address_unreadable] no address of this chain, or of a kind that is not known
  if (script === null) {
    return refused(
      "address_unreadable",
      "an address is none of this chain, or of a kind that the gateway does not know: correct it",
    );
  }
  const units = readAmount(amount);
  return units.ok ? passed({ script, address, amount: units.value }) : units;
}

/** Reads `{address: amount, …}`, or a list of such objects; `data` carries hexadecimal instead of an amount. */
export function readOutputs(
  context: SpendContext,
  given: Json | undefined,
  { data = false } = {},
): Checked<readonly Payout[]> {
  const entries = entriesOf(given);
  if (entries === undefined || entries.length === 0 || entries.length > MAX_OUTPUTS) {
    return invalidParameter("the outputs are none, too many, or no objects of address and amount");
  }
  const payouts: Payout[] = [];
  for (const [name, value] of entries) {
    const one = data && name === "data" ? readData(value) : readOutput(context, name, value);
    if (!one.ok) return one;
    payouts.push(one.value);
  }
  const scripts = new Set(payouts.map(({ script }) => script));
  if (scripts.size < payouts.length) return invalidParameter("a destination is there twice");
  return passed(payouts);
}

function entriesOf(given: Json | undefined): readonly (readonly [string, Json])[] | undefined {
  if (isMap(given)) return [...given];
  if (!isList(given)) return undefined;
  const entries: (readonly [string, Json])[] = [];
  for (const item of given) {
    if (!isMap(item)) return undefined;
    entries.push(...item);
  }
  return entries;
}

function readData(value: Json): Checked<Payout> {
  const isHex = typeof value === "string" && /^(?:[0-9a-fA-F]{2})+$/.test(value);
  if (!isHex || value.length > 2 * MAX_DATA)
    return invalidParameter("data is no short hexadecimal");
  const size = value.length / 2;
  const push = size <= 75 ? byte(size) : `4c${byte(size)}`;
  return passed({ script: `6a${push}${value.toLowerCase()}`, address: null, amount: 0n });
}

const byte = (value: number): string => value.toString(16).padStart(2, "0");

/** Splits outputs into those that leave and those to own destinations. */
export function splitOutputs(context: SpendContext, all: readonly Payout[]): Outputs {
  const payouts: Payout[] = [];
  const internal: InternalPayout[] = [];
  for (const one of all) {
    const own = context.classOf(one.script);
    if (own === undefined) payouts.push(one);
    else internal.push({ ...one, class: own });
  }
  return { payouts, internal };
}
