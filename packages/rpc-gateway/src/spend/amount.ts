/** Reads amounts as a node reads them: decimal text with at most 8 places that count, exactly or not at all. */
import { LIMITS } from "@dgb-shield/contract";
import { type Checked, passed, refused } from "../codes.js";
import { type Json, JsonNumber } from "../json/value.js";

const DECIMAL = /^(?:0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const MAX_TEXT = 64;
const MAX_EXPONENT = 32;
const COIN_PLACES = 8;

/**
 * The amount that a node takes a JSON value for (`AmountFromValue` of Bitcoin Core): number or string, an exponent is
 * allowed, a sign, white space and a leading zero are not.
 *
 * @param value in coins
 * @returns base units, above 0
 */
export function readAmount(value: Json | undefined): Checked<bigint> {
  const units = fixedPoint(value, COIN_PLACES);
  // [REFUSE amount_invalid] no amount that the node would read as the same
  if (units === undefined || units <= 0n || units > LIMITS.maxAmountUnits) {
    return refused(
      "amount_invalid",
      "an amount is no positive decimal of coins with at most 8 places: correct it",
    );
  }
  return passed(units);
}

/**
 * A decimal in units of 10^−places; undefined where it is none, or has more places.
 *
 * @param value number or string, without a sign
 * @param places 0 or more
 */
export function fixedPoint(value: Json | undefined, places: number): bigint | undefined {
  const text = value instanceof JsonNumber ? value.text : value;
  if (typeof text !== "string" || text.length > MAX_TEXT) return undefined;
  const [, fraction = "", exponentText = "0"] = DECIMAL.exec(text) ?? [
    undefined,
    undefined,
    "none",
  ];
  const exponent = Number(exponentText);
  if (!(Math.abs(exponent) <= MAX_EXPONENT)) return undefined;
  const digits = BigInt((text.split(/[eE]/)[0] ?? "").replace(".", ""));
  const shift = exponent - fraction.length + places;
  if (shift >= 0) return digits * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return digits % divisor === 0n ? digits / divisor : undefined;
}
