/** Rule 3: a transaction that empties the wallet (QWG technical document, section 5.3). */
import { block } from "../evaluate/decisions.js";
import { compareShare, ratioOf } from "../fast/units.js";
import { amountAgainst, shareText, unitsText } from "./amount-against.js";
import { always, type Check } from "./check.js";
import type { RuleInput } from "./rule-input.js";

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

const isWithinBalance = ({ amount, balance }: RuleInput): boolean => amount <= balance;
const isBelowFull = ({ amount, balance }: RuleInput): boolean =>
  compareShare(amount, FULL_BALANCE, balance) < 0;
const isWipeBlocked = ({ limits }: RuleInput): boolean => limits.policy.block_full_balance_tx;

/** Blocks more than the balance. Never waived. */
export const blockAboveBalance: Check = {
  rule: 3,
  reason_id: "QWG_AMOUNT_EXCEEDS_BALANCE",
  comparisons: [
    amountAgainst({
      relation: "<=",
      source: "wallet_balance",
      isOn: always,
      holds: isWithinBalance,
      limit: ({ balance }) => unitsText(balance),
    }),
  ],
  // [BLOCK QWG_AMOUNT_EXCEEDS_BALANCE] the amount is above the balance
  matches: (input) => !isWithinBalance(input),
  waivedBy: null,
  decide: () => EXCEEDS,
};

/** Blocks 99 % of the balance or more, where the policy has it. Never waived. */
export const blockBalanceWipe: Check = {
  rule: 3,
  reason_id: "QWG_FULL_BALANCE_WIPE",
  comparisons: [
    amountAgainst({
      relation: "<",
      source: "0.99 × wallet_balance",
      isOn: isWipeBlocked,
      holds: isBelowFull,
      limit: (input) => shareText(input, FULL_BALANCE),
    }),
  ],
  // [BLOCK QWG_FULL_BALANCE_WIPE] the amount is 99 % of the balance or more
  matches: (input) => isWipeBlocked(input) && !isBelowFull(input),
  waivedBy: null,
  decide: () => WIPE,
};
