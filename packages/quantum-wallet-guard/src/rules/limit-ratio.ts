/** Rule 5: one transaction's share of the balance, by risk level (QWG technical document, section 5.3). */
import { compareToShare, formatAmount, isWorseLevel, shareOf } from "@dgb-shield/contract";
import { APPROVAL_METHODS, countApprovers } from "../approvals.js";
import { warn } from "../decisions.js";
import type { Rule } from "../facts.js";

/** Warns above the ratio limit of the worst level; exactly the limit passes, as does one approval. */
export const limitRatio: Rule = ({ context, amount, balance, level, limits }) => {
  const isHigh = isWorseLevel(level, "elevated");
  const ratio = isHigh ? limits.ratioHigh : limits.ratioNormal;
  if (compareToShare(amount, ratio, balance) <= 0) return undefined;
  if (countApprovers(context, APPROVAL_METHODS) >= 1) return undefined;
  const suggested_limit = formatAmount(shareOf(ratio, balance));
  // [WARN] amount is above the ratio limit
  return warn(
    {
      reason_id: isHigh ? "QWG_RATIO_HIGH_RISK" : "QWG_RATIO_NORMAL",
      reason: `At ${level} risk one transaction may take at most ${suggested_limit} coins of this wallet.`,
    },
    { cooldown_seconds: limits.policy.cooldown_seconds_warn, suggested_limit },
  );
};
