/** Rule 5: one transaction's share of the balance, by risk level (QWG technical document, section 5.3). */
import { ANY_APPROVAL } from "../evaluate/approvals.js";
import { warn, warnAbove } from "../evaluate/decisions.js";
import { coinsText, compareShare, type Ratio, shareOfUnits, type Units } from "../fast/units.js";
import { HIGH } from "../policy/level-order.js";
import { amountAgainst, shareText } from "./amount-against.js";
import type { Check } from "./check.js";
import { levelOf, type RuleInput } from "./rule-input.js";
import { warnOnBehaviour, warnOnNewAddress } from "./warn-on-behaviour.js";

const isHighRisk = ({ rank }: RuleInput): boolean => rank >= HIGH;
const isBelowHighRisk = ({ rank }: RuleInput): boolean => rank < HIGH;
const isWithinHigh = ({ amount, limits, balance }: RuleInput): boolean =>
  compareShare(amount, limits.ratioHigh, balance) <= 0;
const isWithinNormal = ({ amount, limits, balance }: RuleInput): boolean =>
  compareShare(amount, limits.ratioNormal, balance) <= 0;

/** Warns above the high ratio limit from a high level up; exactly the limit passes, as does one approval. */
export const limitRatioAtHighRisk: Check = {
  rule: 5,
  reason_id: "QWG_RATIO_HIGH_RISK",
  comparisons: [
    amountAgainst({
      relation: "<=",
      source: "max_tx_ratio_high × wallet_balance",
      isOn: isHighRisk,
      holds: isWithinHigh,
      limit: (input) => shareText(input, input.limits.ratioHigh),
    }),
  ],
  // [WARN QWG_RATIO_HIGH_RISK] from a high level up: the amount is above max_tx_ratio_high of the balance
  matches: (input) => isHighRisk(input) && !isWithinHigh(input),
  waivedBy: () => ANY_APPROVAL,
  decide: (input) => warnOf("QWG_RATIO_HIGH_RISK", input, input.limits.ratioHigh),
};

/** The same with the normal ratio limit, below a high level. */
export const limitRatio: Check = {
  rule: 5,
  reason_id: "QWG_RATIO_NORMAL",
  comparisons: [
    amountAgainst({
      relation: "<=",
      source: "max_tx_ratio_normal × wallet_balance",
      isOn: isBelowHighRisk,
      holds: isWithinNormal,
      limit: (input) => shareText(input, input.limits.ratioNormal),
    }),
  ],
  // [WARN QWG_RATIO_NORMAL] below a high level: the amount is above max_tx_ratio_normal of the balance
  matches: (input) => isBelowHighRisk(input) && !isWithinNormal(input),
  waivedBy: () => ANY_APPROVAL,
  decide: (input) => warnOf("QWG_RATIO_NORMAL", input, input.limits.ratioNormal),
};

function warnOf(
  reason_id: "QWG_RATIO_HIGH_RISK" | "QWG_RATIO_NORMAL",
  input: RuleInput,
  ratio: Ratio,
) {
  const limit = shareOfUnits(ratio, input.balance);
  const coins = coinsText(limit);
  const reason = `At ${levelOf(input)} risk one transaction may take at most ${coins} coins of this wallet.`;
  const { cooldown_seconds_warn } = input.limits.policy;
  return isAllowedAt(limit, input)
    ? warnAbove(coins, { reason_id, reason }, cooldown_seconds_warn)
    : warn({ reason_id, reason }, cooldown_seconds_warn);
}

/**
 * Whether the limit itself would be allowed. Rules 3 and 4 let the larger amount pass already, and no approval is
 * there that waives rule 6: it would waive this one too.
 */
const isAllowedAt = (limit: Units, input: RuleInput): boolean =>
  limit > 0 && !warnOnBehaviour.matches(input) && !warnOnNewAddress.matches(input);
