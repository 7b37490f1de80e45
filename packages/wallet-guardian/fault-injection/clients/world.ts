/** Requests and transactions of clients, derived from an id alone, so that the checker can derive them, too. */
import { createHash } from "node:crypto";

/** A payout as a client requests it. */
export type Payout = Readonly<{
  withdrawal_id: string;
  account_id?: string;
  amount: string;
  max_fee?: string;
  destinations?: { address: string; amount: string }[];
}>;

/** A withdrawal of its own, or a payment of several payouts. */
export type AskedPayment =
  | (Payout & Readonly<{ wallet_id: string }>)
  | Readonly<{ payment_id: string; wallet_id: string; payouts: Payout[] }>;

/** A transaction that pays a payment; some are committed without their inputs. */
type Transaction = Readonly<{
  txid: string;
  fee: string;
  inputs: readonly string[];
  isTold: boolean;
}>;

const WALLETS = 3;
const ACCOUNTS = 4;
const PER_WALLET = 12;
/** Variants of a request: the usual one, and two others under the same id. */
export const VARIANTS = 3;

const hash = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The number and kind in an id such as `7-12` or `7-b3`; null: another one. */
function read(id: string): { round: string; isBatch: boolean; number: number } | null {
  const [, round, batch, number] = /^(\w+)-(b?)(\d+)$/.exec(id) ?? [];
  if (round === undefined || number === undefined) return null;
  return { round, isBatch: batch === "b", number: Number(number) };
}

const walletOf = (number: number): string => `wallet-${Math.floor(number / PER_WALLET) % WALLETS}`;

function payoutOf(round: string, number: number, isOther: boolean): Payout {
  const coins = 1 + (number % 6);
  const fee = number % 2 === 0 ? { max_fee: "0.5" } : {};
  const sent = (isOther ? coins + 0.5 : coins) - (number % 2 === 0 ? 0.5 : 0);
  return {
    withdrawal_id: `${round}-${number}`,
    account_id: `account-${number % ACCOUNTS}`,
    amount: String(isOther ? coins + 0.5 : coins),
    ...fee,
    destinations: [{ address: `destination-${number % 11}`, amount: String(sent) }],
  };
}

/**
 * The request of an id. Variant 1 has another amount, or one payout less; variant 2 another wallet. A batch of
 * number n has 1 to 4 payouts from number 3 n on, so that neighbours share some, and each is a withdrawal, too.
 */
export function requestOf(id: string, variant: number): AskedPayment {
  const named = read(id) ?? { round: "x", isBatch: false, number: 0 };
  const { round, isBatch, number } = named;
  const first = isBatch ? number * 3 : number;
  const wallet_id = walletOf(first + (variant === 2 ? PER_WALLET : 0));
  if (!isBatch) return { ...payoutOf(round, number, variant === 1), wallet_id };
  const size = 1 + (number % 4) - (variant === 1 && number % 4 > 0 ? 1 : 0);
  // All payouts are of one wallet: one of another wallet's number has another content as a withdrawal.
  const payouts = Array.from({ length: size }, (_, index) =>
    payoutOf(round, first + index, variant === 1 && number % 4 === 0),
  );
  return { payment_id: id, wallet_id, payouts };
}

/** Inputs by transaction: 0, 1 and 2 share some, 3 shares one with 1 alone, 4 none with any. */
const SPENT = ["a b", "b c", "a b d", "c e", "f"] as const;
/** Transactions that pay one id. */
export const TRANSACTIONS = SPENT.length;

/** The transaction of a payment that has a number. */
export function transactionOf(id: string, number: number): Transaction {
  const spent = SPENT[number] ?? "f";
  return {
    txid: hash(`${id}|${number}`),
    fee: number % 2 === 0 ? "0.4" : "2.1",
    inputs: spent.split(" ").map((letter) => `${hash(`${id}|${letter}`)}:0`),
    isTold: number !== 2,
  };
}
