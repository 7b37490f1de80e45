/** Checks a withdrawal before it is sent to a guardian (Wallet Guardian v2, section 4.6). */
import { formatAmount } from "@dgb-shield/contract";
import { has, isAccessor, ownValue } from "../internal/own.js";
import type { Requirements } from "../policy/compile.js";
import { readPayment } from "./read-request.js";
import type { PaymentRequest, WithdrawalRequest } from "./withdrawal.js";

/** A withdrawal that a guardian will not call malformed, or what is wrong with it. */
export type Prepared =
  | Readonly<{
      accepted: true;
      /** A frozen copy of what was given, every value as it was written. */
      withdrawal: Readonly<WithdrawalRequest> | Readonly<PaymentRequest>;
      /** Hash of what its id stands for from now on. */
      content_hash: string;
      /** What leaves, in coins, as decisions and records write it. */
      amount: string;
    }>
  | Readonly<{
      accepted: false;
      reason_codes: readonly ["invalid_withdrawal"];
      /** JSON Pointer of the first offending field; `""` is the whole. */
      path: string;
      /** The rule, the kind of value, and what to do. */
      detail: string;
    }>;

/** Fields that the guardian's policy requires beyond the schema. */
export type PreparedFor = Readonly<{
  /** The policy limits accounts, or freezes them. */
  account_required?: boolean;
  /** The policy has lists, fee caps or rules for new destinations: destinations and `max_fee` make up the amount. */
  destinations_required?: boolean;
  /** The policy caps fees. */
  max_fee_required?: boolean;
}>;

/**
 * Checks a withdrawal or payment as `evaluate` will, before a wallet service shows, queues or sends it. Nothing
 * is coerced, trimmed, defaulted or rounded.
 *
 * @param withdrawal of any form; never run, and read once
 * @returns the withdrawal, or a rejection; never throws
 * @example prepareWithdrawal({ withdrawal_id: "w-1", wallet_id: "hot-1", amount: "1,5" }) // { accepted: false, …, path: "/amount" }
 */
export function prepareWithdrawal(withdrawal: unknown, options: PreparedFor = {}): Prepared {
  const read = readPayment(withdrawal, requirementsOf(options));
  if (has(read, "path")) {
    const { path, detail } = read;
    return { accepted: false, reason_codes: ["invalid_withdrawal"], path, detail };
  }
  const { content_hash, amount } = read.checked;
  return {
    accepted: true,
    withdrawal: frozen(read.given) as WithdrawalRequest,
    content_hash,
    amount: formatAmount(amount),
  };
}

const requirementsOf = (options: unknown): Requirements => {
  const max_fee = isRequired(options, "max_fee_required");
  return {
    account: isRequired(options, "account_required"),
    destinations: max_fee || isRequired(options, "destinations_required"),
    max_fee,
  };
};

/** Checks whether something is required; options that cannot be read require it. */
function isRequired(options: unknown, key: keyof PreparedFor): boolean {
  try {
    if (options === null || typeof options !== "object") return options !== undefined;
    if (isAccessor(options, key)) return true;
    return (ownValue(options, key) ?? false) !== false;
  } catch {
    return true;
  }
}

function frozen(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  Object.values(value).forEach(frozen);
  return Object.freeze(value);
}
