/** The amount in a comparison, and its limits, as exact decimals of coins. */
import { formatAmount } from "@dgb-shield/contract";
import type { Comparison, Facts } from "./rule-input.js";
import { decimalText } from "../internal/decimal-text.js";
import type { Ratio } from "../fast/units.js";

const PLACES = 8;

/** A comparison of the amount. */
export const amountAgainst = (
  { amount }: Facts,
  other: Pick<Comparison, "relation" | "limit" | "source" | "holds">,
): Comparison => ({ field: "tx_amount", value: formatAmount(BigInt(amount)), ...other });

/** A share of the balance, exactly; null is the whole balance. */
export function shareText({ balance }: Facts, ratio: Ratio | null): string {
  if (ratio === null) return formatAmount(BigInt(balance));
  const { coefficient, scale } = ratio.exact;
  return decimalText(coefficient * BigInt(balance), scale + PLACES);
}
