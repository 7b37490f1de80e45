/** Rule 3: a transaction that empties the wallet (QWG technical document, section 5.3). */
import { block } from "../evaluate/decisions.js";
import type { Check } from "./rule-input.js";
import { compareShare, ratioOf } from "../fast/units.js";
import { amountAgainst, shareText } from "./amount-against.js";

/** Share of the balance from which a transaction empties the wallet (QWG whitepaper, section 5: ≈ 100 %). */
export const FULL_BALANCE = Object.freeze(ratioOf("0.99"));

const EXCEEDS = block({
  reason_id: "QWG_AMOUNT_EXCEEDS_BALANCE",
  reason: "The amount is more than the wallet holds.",
});
const WIPE = block({
  reason_id: "QWG_FULL_BALANCE_WIPE",
  reason: "The transaction would empty the wallet.",
});

/** Blocks more than the balance. Never waived. */
export const blockAboveBalance: Check = {
  rule: 3,
  reason_id: "QWG_AMOUNT_EXCEEDS_BALANCE",
  // [BLOCK] amount exceeds balance
  speaks: ({ amount, balance }) => amount > balance,
  waiver: null,
  decide: () => EXCEEDS,
  compare: (facts) => [
    amountAgainst(facts, {
      relation: "<=",
      limit: shareText(facts, null),
      source: "wallet_balance",
      holds: facts.amount <= facts.balance,
    }),
  ],
};

/** Blocks 99 % of the balance or more, if the policy says so. Never waived. */
export const blockBalanceWipe: Check = {
  rule: 3,
  reason_id: "QWG_FULL_BALANCE_WIPE",
  // [BLOCK] amount is 99 % of the balance or more
  speaks: (facts) => facts.limits.policy.block_full_balance_tx && !isBelowFull(facts),
  waiver: null,
  decide: () => WIPE,
  compare: (facts) => {
    if (!facts.limits.policy.block_full_balance_tx) return [];
    const source = "0.99 × wallet_balance";
    const limit = shareText(facts, FULL_BALANCE);
    return [amountAgainst(facts, { relation: "<", limit, source, holds: isBelowFull(facts) })];
  },
};

const isBelowFull: Check["speaks"] = ({ amount, balance }) =>
  compareShare(amount, FULL_BALANCE, balance) < 0;
