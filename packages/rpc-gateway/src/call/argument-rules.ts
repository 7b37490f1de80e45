/** Arguments that change what an allowed method does: which values they may have. */
import { type Checked, passed, refused } from "../codes.js";
import { isInteger } from "../spend/fee-options.js";
import { refusedOption } from "../spend/from-arguments.js";
import { isMap, type Json } from "../json/value.js";
import { invalidParameter, type Parameters, partsOf } from "./parameters.js";

/** One argument: its name and place, and where it is a member of an options object, that member's name. */
type ArgumentRule = Readonly<{
  name: string;
  at: number;
  option?: string;
}>;

/** Arguments that may only be absent, null or false. */
const OFF: Readonly<Record<string, readonly ArgumentRule[]>> = {
  fundrawtransaction: [{ name: "options", at: 1, option: "lockUnspents" }],
  walletcreatefundedpsbt: [{ name: "options", at: 3, option: "lockUnspents" }],
  createwallet: [{ name: "load_on_startup", at: 6 }],
  loadwallet: [{ name: "load_on_startup", at: 1 }],
  restorewallet: [{ name: "load_on_startup", at: 2 }],
  unloadwallet: [{ name: "load_on_startup", at: 1 }],
};

/** Whether `false` changes nothing either: of `load_on_startup` it takes a wallet off the list. */
const isOff = (value: Json | undefined, rule: ArgumentRule): boolean =>
  value === undefined || value === null || (rule.option !== undefined && value === false);

/** The values of an argument, wherever it was written. */
function valuesOf(params: Parameters, { name, at, option }: ArgumentRule): (Json | undefined)[] {
  const { positional, named } = partsOf(params);
  const values = [positional[at], named.get(name)];
  if (option === undefined) return values;
  return values.map((value) => (isMap(value) ? value.get(option) : undefined));
}

/** What the rules depend on. */
export type ArgumentLimits = Readonly<{
  /** Longest that a wallet may be unlocked, in seconds. */
  maxUnlockSeconds: number;
}>;

/** Checks the arguments of a call that the policy allowed. */
export function checkArguments(
  method: string,
  params: Parameters,
  { maxUnlockSeconds }: ArgumentLimits,
): Checked<null> {
  for (const rule of Object.hasOwn(OFF, method) ? (OFF[method] ?? []) : []) {
    if (!valuesOf(params, rule).every((value) => isOff(value, rule))) {
      return refusedOption(rule.option ?? rule.name);
    }
  }
  return method === "walletpassphrase" ? checkUnlock(params, maxUnlockSeconds) : passed(null);
}

function checkUnlock(params: Parameters, maxUnlockSeconds: number): Checked<null> {
  const given = valuesOf(params, { name: "timeout", at: 1 }).filter((one) => one !== undefined);
  const [timeout] = given;
  if (given.length !== 1 || !isInteger(timeout, 0, Number.MAX_SAFE_INTEGER)) {
    return invalidParameter("timeout is no number of seconds");
  }
  // [REFUSE unlock_too_long] the wallet would be open for every caller for longer than is configured
  if (!isInteger(timeout, 0, maxUnlockSeconds)) {
    return refused(
      "unlock_too_long",
      "the wallet would be unlocked for longer than max_unlock_seconds: ask for less",
    );
  }
  return passed(null);
}
