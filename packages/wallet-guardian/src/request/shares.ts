/** Computes what a payment adds to each of its scopes. */
import { GLOBAL_SCOPE, type Scope, scopeKey } from "../scopes.js";

/** The fields of a payout that count. */
export type Counted = Readonly<{ account_id: string | null; amount: bigint }>;

/** A payment as scopes see it. */
export type Shared = Readonly<{ wallet_id: string; payouts: readonly Counted[] }>;

/** The part of a payment that counts in one scope. */
export type Share = Readonly<{
  scope: Scope;
  amount: bigint;
  /** Payouts that belong to the scope. */
  payouts: number;
  /** The largest of them. */
  largest: bigint;
}>;

/** The shares of a payment, in the order in which scopes are locked: accounts by id, wallet, global. */
export function sharesOf({ wallet_id, payouts }: Shared): readonly Share[] {
  const accounts = new Map<string, Counted[]>();
  for (const payout of payouts) {
    if (payout.account_id === null) continue;
    const known = accounts.get(payout.account_id);
    if (known === undefined) accounts.set(payout.account_id, [payout]);
    else known.push(payout);
  }
  const wallet: Scope = { type: "wallet", id: wallet_id };
  const all = share(wallet, payouts);
  return [
    ...[...accounts].sort(byId).map(([id, own]) => share({ type: "account", id }, own)),
    all,
    { ...all, scope: GLOBAL_SCOPE },
  ];
}

const byId = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : 1;

function share(scope: Scope, payouts: readonly Counted[]): Share {
  let [amount, largest] = [0n, 0n];
  for (const payout of payouts) {
    amount += payout.amount;
    if (payout.amount > largest) largest = payout.amount;
  }
  return { scope, amount, payouts: payouts.length, largest };
}

/** The scopes of a payment. */
export const paymentScopes = (payment: Shared): readonly Scope[] =>
  sharesOf(payment).map(({ scope }) => scope);

/** Checks whether a list has a scope. */
export const includesScope = (scopes: readonly Scope[], scope: Scope): boolean =>
  scopes.some((other) => scopeKey(other) === scopeKey(scope));
