/** Exact decimals: ratios and thresholds of a policy, with no binary floating point. */
import { ContractError } from "../errors.js";

/** The number `coefficient / 10^scale`, exactly. */
export type Decimal = Readonly<{ coefficient: bigint; scale: number }>;

const DECIMAL = /^(-?)(0|[1-9]\d{0,29})(?:\.(\d{1,18}))?$/;
const SHORTEST_NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;
const MAX_SCALE = 18;

/**
 * Reads an exact decimal from its text (`"0.99"`) or from a number, which stands for the shortest
 * decimal that ECMAScript prints for it (`0.99` is 99/100, not its binary neighbour).
 *
 * @param value at most 30 digits before and 18 after the point; a string has no exponent
 * @throws ContractError `invalid_decimal`
 * @example parseDecimal(0.99) // { coefficient: 99n, scale: 2 }
 */
export function parseDecimal(value: unknown): Decimal {
  const text = typeof value === "number" ? plainNotation(value) : value;
  const match = typeof text === "string" ? DECIMAL.exec(text) : null;
  if (match === null) {
    throw new ContractError("invalid_decimal", "", "not an exact decimal with at most 18 places");
  }
  const [, sign = "", whole = "", fraction = ""] = match;
  return { coefficient: BigInt(`${sign}${whole}${fraction}`), scale: fraction.length };
}

/**
 * Compares two decimals exactly.
 *
 * @returns −1, 0 or 1
 * @example compareDecimals(parseDecimal("0.5"), parseDecimal(0.50)) // 0
 */
export function compareDecimals(a: Decimal, b: Decimal): -1 | 0 | 1 {
  return order(a.coefficient * 10n ** BigInt(b.scale), b.coefficient * 10n ** BigInt(a.scale));
}

/**
 * Compares `part` with `ratio × whole` exactly, as in "amount ≥ 99 % of the balance".
 *
 * @param part base units
 * @param ratio an exact decimal
 * @param whole base units
 * @returns −1 when `part` is smaller, 0 when equal, 1 when larger
 * @example compareToShare(99n, parseDecimal("0.99"), 100n) // 0
 */
export function compareToShare(part: bigint, ratio: Decimal, whole: bigint): -1 | 0 | 1 {
  return order(part * 10n ** BigInt(ratio.scale), ratio.coefficient * whole);
}

/**
 * `ratio × whole`, rounded down to whole base units.
 *
 * @example shareOf(parseDecimal("0.5"), 5n) // 2n
 */
export function shareOf(ratio: Decimal, whole: bigint): bigint {
  return (ratio.coefficient * whole) / 10n ** BigInt(ratio.scale);
}

function order(a: bigint, b: bigint): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The shortest decimal text of a double, without an exponent; undefined where that is too long. */
export function plainNotation(value: number): string | undefined {
  const match = SHORTEST_NUMBER.exec(String(value));
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const scale = fraction.length - Number(exponent);
  if (scale > MAX_SCALE || scale < -30) return undefined;
  const digits = (whole + fraction).padStart(scale + 1, "0");
  if (scale <= 0) return `${sign}${digits}${"0".repeat(-scale)}`;
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
