/** Rule 5: one transaction's share of the balance, by risk level (QWG technical document, section 5.3). */
import { ANY_APPROVAL } from "../evaluate/approvals.js";
import { warn, warnAbove } from "../evaluate/decisions.js";
import { type Check, type Facts, levelOf } from "./rule-input.js";
import { coinsText, compareShare, type Ratio, shareOfUnits, type Units } from "../fast/units.js";
import { HIGH } from "../policy/level-order.js";
import { amountAgainst, shareText } from "./amount-against.js";
import { isAgainstAnyAmount } from "./warn-on-behaviour.js";

/** Warns above the high ratio limit from a high level up; exactly the limit passes, as does one approval. */
export const limitRatioAtHighRisk = checkOf({
  reason_id: "QWG_RATIO_HIGH_RISK",
  source: "max_tx_ratio_high",
  speaks: (facts) =>
    facts.rank >= HIGH && compareShare(facts.amount, facts.limits.ratioHigh, facts.balance) > 0,
  applies: ({ rank }) => rank >= HIGH,
  ratio: ({ limits }) => limits.ratioHigh,
});

/** The same with the normal ratio limit, below a high level. */
export const limitRatio = checkOf({
  reason_id: "QWG_RATIO_NORMAL",
  source: "max_tx_ratio_normal",
  speaks: (facts) =>
    facts.rank < HIGH && compareShare(facts.amount, facts.limits.ratioNormal, facts.balance) > 0,
  applies: ({ rank }) => rank < HIGH,
  ratio: ({ limits }) => limits.ratioNormal,
});

type Limit = Readonly<{
  reason_id: "QWG_RATIO_HIGH_RISK" | "QWG_RATIO_NORMAL";
  source: "max_tx_ratio_high" | "max_tx_ratio_normal";
  speaks: Check["speaks"];
  applies(facts: Facts): boolean;
  ratio(facts: Facts): Ratio;
}>;

function checkOf({ reason_id, source, speaks, applies, ratio }: Limit): Check {
  return {
    rule: 5,
    reason_id,
    // [WARN] amount is above the ratio limit
    speaks,
    waiver: () => ANY_APPROVAL,
    decide: (facts) => {
      const limit = shareOfUnits(ratio(facts), facts.balance);
      const coins = coinsText(limit);
      const reason = `At ${levelOf(facts)} risk one transaction may take at most ${coins} coins of this wallet.`;
      const { cooldown_seconds_warn } = facts.limits.policy;
      return isAllowedAt(limit, facts)
        ? warnAbove(coins, { reason_id, reason }, cooldown_seconds_warn)
        : warn({ reason_id, reason }, cooldown_seconds_warn);
    },
    compare: (facts) => {
      if (!applies(facts)) return [];
      const limit = shareText(facts, ratio(facts));
      const holds = !speaks(facts);
      return [
        amountAgainst(facts, {
          relation: "<=",
          limit,
          source: `${source} × wallet_balance`,
          holds,
        }),
      ];
    },
  };
}

/**
 * Whether the limit itself would be allowed. Rules 3 and 4 let the larger amount pass already, and no approval is
 * there that waives rule 6: it would waive this one too.
 */
const isAllowedAt = (limit: Units, facts: Facts): boolean =>
  limit > 0 && !isAgainstAnyAmount(facts);
