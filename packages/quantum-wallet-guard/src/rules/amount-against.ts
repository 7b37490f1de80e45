/** States comparisons of the amount, with value and limit as exact decimals of coins. */
import { formatAmount } from "@dgb-shield/contract";
import { decimalText } from "../internal/decimal-text.js";
import type { Ratio, Units } from "../fast/units.js";
import type { ComparisonRule } from "./check.js";
import type { RuleInput } from "./rule-input.js";

const PLACES = 8;

/** States a comparison of the amount. */
export const amountAgainst = (
  other: Omit<ComparisonRule, "field" | "value" | "source"> & Readonly<{ source: string }>,
): ComparisonRule => ({
  ...other,
  field: "tx_amount",
  source: () => other.source,
  value: ({ amount }) => unitsText(amount),
});

/** Base units as coins. */
export const unitsText = (units: Units): string => formatAmount(BigInt(units));

/** A share of the balance in coins, exactly. */
export function shareText({ balance }: RuleInput, ratio: Ratio): string {
  const { coefficient, scale } = ratio.exact;
  return decimalText(coefficient * BigInt(balance), scale + PLACES);
}
