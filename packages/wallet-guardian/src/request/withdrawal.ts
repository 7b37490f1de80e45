/** Schemas of withdrawals and payments of several payouts, and the hashes of their contents (Wallet Guardian v2, section 4.4). */
import {
  amountSchema,
  canonicalHash,
  formatAmount,
  idSchema,
  LIMITS,
  parseAmount,
  sha256Hex,
} from "@dgb-shield/contract";
import { z } from "zod";
import { BELOW_DESTINATIONS, NOT_DISTINCT, RESERVED_ID, TOO_MUCH } from "./explain.js";
import { type Share, sharesOf } from "./shares.js";

/** Destinations of one payout at most. */
const MAX_DESTINATIONS = 1_000;
/** Payouts of one payment at most. */
const MAX_PAYOUTS = 1_000;

const amount = amountSchema.transform(parseAmount);
const positiveAmount = amount.refine((units) => units > 0n, { message: "not above zero" });

/** Ids that the guardian gives to what counts once more are none that a caller may give. */
const ownId = idSchema.refine((id) => !/^double-[0-9a-f]{32}$/.test(id), { message: RESERVED_ID });

const payoutFields = {
  /** Unique in the ledger, over all wallets, payments and payouts. */
  withdrawal_id: ownId,
  /** Whose money it is; required where the policy limits accounts. */
  account_id: idSchema.optional(),
  /** What leaves, its share of the network fee included; change to own addresses is not counted. */
  amount: positiveAmount,
  /** Most of `amount` that the network fee may be. */
  max_fee: amount.optional(),
  /** Where it goes; with `max_fee` together not more than `amount`. */
  destinations: z
    .array(z.strictObject({ address: idSchema, amount: positiveAmount }))
    .max(MAX_DESTINATIONS)
    .optional(),
};

type Parsed = Readonly<{
  amount: bigint;
  max_fee?: bigint | undefined;
  destinations?: readonly { amount: bigint }[] | undefined;
}>;

const coversDestinations = (payout: Parsed): boolean => leaving(payout) <= payout.amount;
const BELOW = { path: ["amount"], message: BELOW_DESTINATIONS };

/** Schema of a withdrawal: a payment of one payout. */
export const withdrawalSchema = z
  .strictObject({ ...payoutFields, wallet_id: idSchema })
  .refine(coversDestinations, BELOW);

const payoutSchema = z.strictObject(payoutFields).refine(coversDestinations, BELOW);

/** Schema of a payment: one transaction with a withdrawal for each payout, allowed as a whole or not at all. */
export const paymentSchema = z
  .strictObject({
    /** Unique in the ledger, as those of the payouts are. */
    payment_id: ownId,
    wallet_id: idSchema,
    payouts: z.array(payoutSchema).min(1).max(MAX_PAYOUTS),
  })
  .refine(hasDistinctIds, { path: ["payouts"], message: NOT_DISTINCT })
  .refine(({ payouts }) => totalOf(payouts) <= LIMITS.maxAmountUnits, {
    path: ["payouts"],
    message: TOO_MUCH,
  });

/** A withdrawal as a caller writes it. */
export type WithdrawalRequest = z.input<typeof withdrawalSchema>;

/** A payment as a caller writes it. */
export type PaymentRequest = z.input<typeof paymentSchema>;

/** A payout that was checked. */
export type Payout = Readonly<{
  withdrawal_id: string;
  account_id: string | null;
  /** Base units, `max_fee` included. */
  amount: bigint;
  max_fee: bigint | null;
  destinations: readonly Readonly<{ address: string; amount: bigint }>[];
  /** Hash of all of the above and the wallet's id. */
  content_hash: string;
}>;

/** A payment that was checked; of a withdrawal the one payout is the payment itself. */
export type Payment = Readonly<{
  payment_id: string;
  wallet_id: string;
  payouts: readonly Payout[];
  /** Base units of all payouts. */
  amount: bigint;
  /** Of all payouts; null where none has one. */
  max_fee: bigint | null;
  content_hash: string;
  /** What it adds to each of its scopes. */
  shares: readonly Share[];
}>;

/** Checks whether a payment is stored as a head and its payouts, not as one row. */
export const isBatch = ({ payment_id, payouts }: Pick<Payment, "payment_id" | "payouts">) =>
  payouts[0]?.withdrawal_id !== payment_id;

/** The payment that a parsed request stands for. */
export function paymentOf(
  parsed: z.output<typeof withdrawalSchema> | z.output<typeof paymentSchema>,
): Payment {
  const { wallet_id } = parsed;
  const batch = Object.hasOwn(parsed, "payouts")
    ? (parsed as z.output<typeof paymentSchema>)
    : null;
  const given = batch?.payouts ?? [parsed as z.output<typeof withdrawalSchema>];
  const payouts = given.map((payout) => payoutOf(payout, wallet_id));
  const payment_id = batch?.payment_id ?? payouts[0]?.withdrawal_id ?? "";
  const hashes = payouts.map(({ content_hash }) => content_hash);
  const isOne = payouts.length === 1 && payouts[0]?.withdrawal_id === payment_id;
  return {
    payment_id,
    wallet_id,
    payouts,
    amount: totalOf(payouts),
    max_fee: maxFeeOf(payouts),
    content_hash: isOne
      ? (hashes[0] ?? "")
      : canonicalHash({ payment_id, wallet_id, payouts: hashes }),
    shares: sharesOf({ wallet_id, payouts }),
  };
}

type ParsedPayout = z.output<typeof payoutSchema>;

function payoutOf(parsed: ParsedPayout, wallet_id: string): Payout {
  const { withdrawal_id, account_id = null, amount, destinations = [] } = parsed;
  const max_fee = parsed.max_fee ?? null;
  const payout = { withdrawal_id, account_id, amount, max_fee, destinations };
  return { ...payout, content_hash: sha256Hex(contentText(payout, wallet_id)) };
}

/**
 * Writes the canonical text of a payout's content. Each member is written as RFC 8785 has it: ids and addresses hold no
 * lone surrogates, and amounts are texts.
 */
export function contentText(payout: Omit<Payout, "content_hash">, walletId: string): string {
  const { withdrawal_id, account_id, amount, max_fee, destinations } = payout;
  const named = destinations.map(
    (to) => `{"address":${JSON.stringify(to.address)},"amount":"${formatAmount(to.amount)}"}`,
  );
  const account = account_id === null ? "null" : JSON.stringify(account_id);
  const fee = max_fee === null ? "" : `"max_fee":"${formatAmount(max_fee)}",`;
  const ids = `"wallet_id":${JSON.stringify(walletId)},"withdrawal_id":${JSON.stringify(withdrawal_id)}`;
  return `{"account_id":${account},"amount":"${formatAmount(amount)}","destinations":[${named.join()}],${fee}${ids}}`;
}

/** Sums destinations and fee. */
export const leaving = (payout: Parsed): bigint =>
  totalOf((Object.hasOwn(payout, "destinations") ? payout.destinations : undefined) ?? []) +
  ((Object.hasOwn(payout, "max_fee") ? payout.max_fee : undefined) ?? 0n);

const totalOf = (items: readonly { amount: bigint }[]): bigint =>
  items.reduce((total, { amount: units }) => total + units, 0n);

function maxFeeOf(payouts: readonly Payout[]): bigint | null {
  const fees = payouts.flatMap(({ max_fee }) => (max_fee === null ? [] : [max_fee]));
  return fees.length === 0 ? null : fees.reduce((total, fee) => total + fee, 0n);
}

/** A payout has the payment's id only where it is the only one. */
function hasDistinctIds({
  payment_id,
  payouts,
}: Readonly<{ payment_id: string; payouts: readonly { withdrawal_id: string }[] }>): boolean {
  const ids = payouts.map(({ withdrawal_id }) => withdrawal_id);
  if (payouts.length === 1) return true;
  return new Set([payment_id, ...ids]).size === ids.length + 1;
}
