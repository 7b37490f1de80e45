/** Rule: the network fee of a payment is capped (design, section 7: destinations). */
import type { DestinationRules } from "../policy/destination-rules.js";
import { combine, found, type RuleResult, NO_FINDING } from "./finding.js";
import type { Scope } from "../scopes.js";
import type { Payment } from "../request/withdrawal.js";

const ONE = 100_000_000n;

/**
 * Rejects a payment whose `max_fee` is above the policy's largest fee, or above its share of what the
 * destinations get; the limits themselves pass. The share is not compared where the destinations get nothing.
 *
 * @returns `fee_limit`, REJECT at any risk
 */
export function evaluateFee(
  { wallet_id, payouts, max_fee }: Pick<Payment, "wallet_id" | "payouts" | "max_fee">,
  { maxFee, maxFeeRatio }: Pick<DestinationRules, "maxFee" | "maxFeeRatio">,
): RuleResult {
  if (maxFee === null && maxFeeRatio === null) return NO_FINDING;
  const wallet: Scope = { type: "wallet", id: wallet_id };
  const fee = max_fee ?? 0n;
  const paid = payouts
    .flatMap(({ destinations }) => destinations)
    .reduce((sum, { amount }) => sum + amount, 0n);
  // [REJECT fee_limit] the fee is above the largest fee, or above the largest share
  return combine([
    maxFee !== null && fee > maxFee ? exceeded(wallet, "max_fee") : NO_FINDING,
    maxFeeRatio !== null && paid > 0n && fee * ONE > maxFeeRatio * paid
      ? exceeded(wallet, "max_fee_ratio")
      : NO_FINDING,
  ]);
}

const exceeded = (scope: Scope, limit: string): RuleResult =>
  found({ code: "fee_limit", decision: "REJECT", breach: { scope, limit } });
