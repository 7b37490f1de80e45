/** Amounts: bigint base units inside, decimal strings on the wire; 1 coin is 100,000,000 units. */
import { plainNotation } from "./decimal.js";
import { ContractError } from "../errors.js";
import { LIMITS } from "../limits.js";

/** Base units of one coin. */
export const UNITS_PER_COIN = 100_000_000n;

const PLACES = 8;
const AMOUNT = /^(0|[1-9]\d{0,11})(?:\.(\d{1,8}))?$/;
const MAX_NUMBER_UNITS = 2n ** 53n;
/** 2^26 coins: below it, neighbouring doubles are nearer to each other than a base unit. */
const FINE_NUMBER_UNITS = 2n ** 26n * UNITS_PER_COIN;

/**
 * Reads an amount into base units, exactly or not at all.
 *
 * @param value a decimal string of coins with at most 8 places (`"1234.56789012"`), or a number
 * whose shortest decimal has at most 8 places, which is below 2^53 base units, and for which no
 * other amount has the same double (from 2^26 coins on, some amounts share one)
 * @returns base units, 0 to 2^63−1
 * @throws ContractError `invalid_amount`: another type, a sign, an exponent, white space, more than
 * 8 places, a leading zero, or too large
 * @example parseAmount("0.00000001") // 1n
 */
export function parseAmount(value: unknown): bigint {
  const units = unitsOf(value);
  if (units === undefined) {
    throw new ContractError("invalid_amount", "", "not an amount with at most 8 decimal places");
  }
  return units;
}

/** Whether `parseAmount` accepts `value`. */
export const isAmount = (value: unknown): boolean => unitsOf(value) !== undefined;

/**
 * Writes base units as a decimal string of coins, without trailing zeros.
 *
 * @param units base units; negative ones get a sign
 * @example formatAmount(150_000_000n) // "1.5"
 */
export function formatAmount(units: bigint): string {
  const magnitude = units < 0n ? -units : units;
  const whole = magnitude / UNITS_PER_COIN;
  const fraction = String(magnitude % UNITS_PER_COIN)
    .padStart(PLACES, "0")
    .replace(/0+$/, "");
  return `${units < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

function unitsOf(value: unknown): bigint | undefined {
  if (typeof value === "string") return unitsOfText(value);
  if (typeof value !== "number") return undefined;
  const units = unitsOfText(plainNotation(value) ?? "");
  if (units === undefined || units >= MAX_NUMBER_UNITS) return undefined;
  return units < FINE_NUMBER_UNITS || isOnlyAmountOf(value, units) ? units : undefined;
}

function isOnlyAmountOf(value: number, units: bigint): boolean {
  return [units - 1n, units + 1n].every((other) => Number(formatAmount(other)) !== value);
}

function unitsOfText(text: string): bigint | undefined {
  const match = AMOUNT.exec(text);
  if (match === null) return undefined;
  const [, whole = "", fraction = ""] = match;
  const units = BigInt(whole) * UNITS_PER_COIN + BigInt(fraction.padEnd(PLACES, "0"));
  return units <= LIMITS.maxAmountUnits ? units : undefined;
}
