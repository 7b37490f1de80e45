/** The terms of a payment: what an approver approves, and what a signer may sign (design, section 13). */
import {
  canonicalHash,
  formatAmount,
  hash256Schema,
  idSchema,
  parseAmount,
} from "@dgb-shield/contract";
import { z } from "zod";

/** Payouts of one payment at most. */
export const MAX_PAYOUTS = 1_000;

/** Longest script of a payout: standard scripts have 22 to 35 bytes. */
const MAX_SCRIPT_BYTES = 42;

/** An amount of coins in its only spelling: decimal, at most 8 places, without trailing zeros. */
export const exactAmountSchema = z.string().refine(isExact, "not an amount in its shortest form");

function isExact(text: string): boolean {
  try {
    return formatAmount(parseAmount(text)) === text;
  } catch {
    return false;
  }
}

/** One output that pays. */
export const payoutSchema = z.strictObject({
  /** The output's script, lower-case hexadecimal text. */
  script: z.string().regex(new RegExp(`^(?:[0-9a-f]{2}){1,${MAX_SCRIPT_BYTES}}$`)),
  /** Coins, above 0. */
  amount: exactAmountSchema.refine((text) => text !== "0", "pays nothing"),
});

/** The terms of a payment. */
export const paymentTermsSchema = z.strictObject({
  /** The deployment that decided: approvals and tokens of another one count for nothing. */
  deployment_id: idSchema,
  /** Hash of the chain's first block: equal addresses of two chains are two destinations. */
  genesis: hash256Schema,
  wallet_id: idSchema,
  payment_id: idSchema,
  /** The outputs that pay, in the order of the transaction. */
  payouts: z.array(payoutSchema).min(1).max(MAX_PAYOUTS),
  /** Most coins that the network fee may be. */
  max_fee: exactAmountSchema,
  /** Hash of the policies that the payment was decided under. */
  policy_version: hash256Schema,
});

/** An output that pays. */
export type Payout = Readonly<z.infer<typeof payoutSchema>>;
/** The terms of a payment. */
export type PaymentTerms = Readonly<Omit<z.infer<typeof paymentTermsSchema>, "payouts">> &
  Readonly<{ payouts: readonly Payout[] }>;

/** The members of the terms alone, of an object that has more. */
export function termsOf(from: PaymentTerms): PaymentTerms {
  const { deployment_id, genesis, wallet_id, payment_id, payouts, max_fee, policy_version } = from;
  return { deployment_id, genesis, wallet_id, payment_id, payouts, max_fee, policy_version };
}

/**
 * Computes what an approval binds to: the canonical hash of the terms. When an approval ends is not part of it, so that
 * approvers who sign at different times approve the same payment.
 *
 * @returns 64 lower-case hexadecimal digits
 * @example bindingOf(terms) === bindingOf({ ...terms, max_fee: "1" }) // false
 */
export const bindingOf = (terms: PaymentTerms): string => canonicalHash(termsOf(terms));

/** What leaves at most: all payouts and the whole fee, in base units. */
export const leavingOf = ({
  payouts,
  max_fee,
}: Pick<PaymentTerms, "payouts" | "max_fee">): bigint =>
  payouts.reduce((sum, { amount }) => sum + parseAmount(amount), parseAmount(max_fee));
