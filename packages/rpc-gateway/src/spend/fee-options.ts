/** Checks how a client wants the fee to be found. */
import { type Checked, passed, refused } from "../codes.js";
import { invalidParameter } from "../call/parameters.js";
import { type Json, JsonNumber } from "../json/value.js";
import { fixedPoint } from "./amount.js";

const MODES = ["unset", "economical", "conservative"];

/** Most blocks that a fee is estimated for. */
const MAX_TARGET = 1_008;

/** Units of a fee rate: a node reads three places. */
const RATE_PLACES = 3;

/**
 * Checks `conf_target`, `estimate_mode` and `fee_rate`.
 *
 * @param maxFeeRate base units for a virtual byte
 */
export function checkFeeOptions(
  given: ReadonlyMap<string, Json>,
  maxFeeRate: number,
): Checked<null> {
  const target = given.get("conf_target");
  if (target !== undefined && !isInteger(target, 1, MAX_TARGET)) {
    return invalidParameter("conf_target is no number of blocks from 1 to 1,008");
  }
  const mode = given.get("estimate_mode");
  if (mode !== undefined && !(typeof mode === "string" && MODES.includes(mode.toLowerCase()))) {
    return invalidParameter("estimate_mode is none of unset, economical, conservative");
  }
  const rate = given.get("fee_rate");
  if (rate === undefined) return passed(null);
  const milli = fixedPoint(rate, RATE_PLACES);
  if (milli === undefined) return invalidParameter("fee_rate is no decimal with at most 3 places");
  // [REFUSE fee_rate_too_high] above the configured fee rate
  if (milli > BigInt(Math.floor(maxFeeRate * 1_000))) {
    return refused(
      "fee_rate_too_high",
      "fee_rate is above max_fee_rate of the gateway: lower it, or leave it to the node",
    );
  }
  return passed(null);
}

/** Whether a value is an integer, written as one, in a range. */
export function isInteger(value: Json | undefined, min: number, max: number): boolean {
  if (!(value instanceof JsonNumber) || !/^-?\d+$/.test(value.text)) return false;
  const number = Number(value.text);
  return number >= min && number <= max;
}
