/** Rule 3: a transaction that empties the wallet (QWG technical document, section 5.3). */
import { compareToShare } from "@dgb-shield/contract";
import { block } from "../decisions.js";
import type { Rule } from "../facts.js";
import { FULL_BALANCE_RATIO } from "../policy.js";

/** Blocks more than the balance and, if the policy says so, 99 % of it or more. Never waived. */
export const blockBalanceWipe: Rule = ({ amount, balance, limits: { policy } }) => {
  // [BLOCK] amount exceeds balance
  if (amount > balance) {
    return block({
      reason_id: "QWG_AMOUNT_EXCEEDS_BALANCE",
      reason: "The amount is more than the wallet holds.",
    });
  }
  // [BLOCK] amount is 99 % of the balance or more
  if (policy.block_full_balance_tx && compareToShare(amount, FULL_BALANCE_RATIO, balance) >= 0) {
    return block({
      reason_id: "QWG_FULL_BALANCE_WIPE",
      reason: "The transaction would empty the wallet.",
    });
  }
  return undefined;
};
