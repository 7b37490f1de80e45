/**
 * Fast path of exact arithmetic: amounts and shares as doubles where these are exact, as bigints elsewhere
 * (design, section 2). Held against contract's `parseAmount`, `compareToShare`, `shareOf` and `formatAmount` by
 * `test/fast/units.test.ts`.
 */
import {
  compareToShare,
  type Decimal,
  formatAmount,
  parseAmount,
  parseDecimal,
  shareOf,
} from "@dgb-shield/contract";

/** Base units, exactly: a safe integer or a bigint. ECMAScript compares the two without rounding. */
export type Units = number | bigint;

/** A ratio: exactly, as the double nearest to it, and as the quotient of two doubles. */
export type Ratio = Readonly<{
  exact: Decimal;
  double: number;
  /** Rounded where it is above 2^53; then no product with it is safe either. */
  coefficient: number;
  /** A power of ten up to 10^18, which doubles hold exactly. */
  divisor: number;
}>;

const UNITS_PER_COIN = 1e8;
const PLACES = 8;
const ZERO = 0x30;
const NINE = 0x39;
const POINT = 0x2e;
/** Below it, whole coins and their units are exact in a double. */
const MAX_FAST_COINS = 90_000_000;
/** Below 2^26 coins, neighbouring doubles are nearer to each other than a base unit. */
const MAX_FAST_NUMBER = 2 ** 26;
const SHIFT = [1e8, 1e7, 1e6, 1e5, 1e4, 1e3, 1e2, 1e1, 1];
/**
 * Ratio, balance and amount are rounded once each and their product once more: together less than
 * 2^-51 of the product. Farther from it than 2^-49, the order of doubles is the exact order.
 */
const MARGIN = 2 ** -49;

/** Reads a policy's ratio, once. */
export function ratioOf(value: string | number): Ratio {
  const exact = parseDecimal(value);
  const { coefficient, scale } = exact;
  return {
    exact,
    double: Number(value),
    coefficient: Number(coefficient),
    divisor: Number(10n ** BigInt(scale)),
  };
}

/**
 * Base units of an amount, as `parseAmount` reads them.
 *
 * @throws ContractError `invalid_amount`
 */
export function unitsOf(value: unknown): Units {
  const units = fastUnitsOf(value);
  return units >= 0 ? units : parseAmount(value);
}

/** Base units where a double holds them and the amount is short; −1 where `parseAmount` must decide. */
export function fastUnitsOf(value: unknown): number {
  if (typeof value === "string") return unitsOfText(value);
  if (typeof value !== "number" || !(value >= 0 && value < MAX_FAST_NUMBER)) return -1;
  const units = Math.round(value * UNITS_PER_COIN);
  return units / UNITS_PER_COIN === value ? units + 0 : -1;
}

/** Compares `part` with `ratio × whole` exactly: −1, 0 or 1. */
export function compareShare(part: Units, ratio: Ratio, whole: Units): -1 | 0 | 1 {
  const share = ratio.double * Number(whole);
  const near = Number(part);
  if (near < share * (1 - MARGIN)) return -1;
  if (near > share * (1 + MARGIN)) return 1;
  return compareToShare(BigInt(part), ratio.exact, BigInt(whole));
}

/**
 * `ratio × whole` rounded down, exactly. A quotient of safe integers that is no integer is farther from the next
 * one than its own rounding, so that rounding down the double rounds down the quotient.
 */
export function shareOfUnits(ratio: Ratio, whole: Units): Units {
  const product = typeof whole === "number" ? ratio.coefficient * whole : NaN;
  if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / ratio.divisor);
  return shareOf(ratio.exact, BigInt(whole));
}

/** Base units as coins, as `formatAmount` writes them. */
export function coinsText(units: Units): string {
  if (typeof units !== "number") return formatAmount(units);
  const coins = Math.floor(units / UNITS_PER_COIN);
  const fraction = units - coins * UNITS_PER_COIN;
  if (fraction === 0) return String(coins);
  const digits = String(UNITS_PER_COIN + fraction);
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === ZERO) end--;
  return `${coins}.${digits.slice(1, end)}`;
}

function unitsOfText(text: string): number {
  const { length } = text;
  let coins = 0;
  let at = 0;
  for (; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code === POINT) break;
    if (code < ZERO || code > NINE || at === PLACES) return -1;
    coins = coins * 10 + (code - ZERO);
  }
  const isPlain = at === 1 || (at > 1 && text.charCodeAt(0) !== ZERO);
  if (!isPlain || coins >= MAX_FAST_COINS) return -1;
  return at === length ? coins * UNITS_PER_COIN : withFraction(coins, text, at + 1);
}

function withFraction(coins: number, text: string, start: number): number {
  const places = text.length - start;
  if (places < 1 || places > PLACES) return -1;
  let fraction = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < ZERO || code > NINE) return -1;
    fraction = fraction * 10 + (code - ZERO);
  }
  return coins * UNITS_PER_COIN + fraction * (SHIFT[places] ?? NaN);
}
