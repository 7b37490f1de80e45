/** Turns what the gateway worked out of a call into a payment that the pipeline decides on. */
import { formatAmount, type JsonObject } from "@dgb-shield/contract";
import type { Payout, Spend } from "@dgb-shield/rpc-gateway";
import { SCRIPT_PREFIX } from "../service/config/destinations.js";

/** What is configured for payments that come through the gateway. */
export type SpendTerms = Readonly<{
  /** Wallet ids of the site, by the node's wallet names. */
  wallet_ids: Readonly<Record<string, string>>;
  /** Wallet id of a payment that names no wallet of the node, or one that is not listed. */
  default_wallet_id: string;
  /** Most that the network may take of a payment whose fee is not known before, in base units. */
  fee_reserve: bigint;
  /** What is stated about the caller, as the Quantum Wallet Guard reads it: 0–1, and whether the device is known. */
  behaviour_score: number;
  trusted_device: boolean;
}>;

/**
 * Makes the request. What goes to own destinations alone is a payment of a wallet id of its own, `<wallet>:<class>`, so that it can
 * have a policy and limits of its own.
 *
 * @param balance of the paying wallet, in base units
 */
export function requestOf(
  spend: Spend,
  terms: SpendTerms,
  { id, balance }: Readonly<{ id: string; balance: bigint }>,
): JsonObject {
  const max_fee = feeOf(spend, terms);
  const paid = [...spend.payouts, ...(isInternal(spend) ? spend.internal : [])];
  const destinations = merged(paid);
  const leaving = destinations.reduce((sum, { amount }) => sum + amount, max_fee);
  return {
    withdrawal_id: id,
    wallet_id: walletIdOf(spend, terms),
    amount: formatAmount(leaving),
    max_fee: formatAmount(max_fee),
    ...(destinations.length === 0
      ? {}
      : {
          destinations: destinations.map(({ address, amount }) => ({
            address,
            amount: formatAmount(amount),
          })),
        }),
    wallet_balance: formatAmount(balance),
    behaviour_score: terms.behaviour_score,
    trusted_device: terms.trusted_device,
  };
}

/** Whether nothing but the fee leaves the site. */
export const isInternal = ({ payouts, internal }: Spend): boolean =>
  payouts.length === 0 && internal.length > 0;

/** The wallet id that a payment counts for. */
export function walletIdOf(spend: Spend, terms: SpendTerms): string {
  const own = spend.wallet === null ? undefined : ownOf(terms.wallet_ids, spend.wallet);
  const id = own ?? terms.default_wallet_id;
  return isInternal(spend) ? `${id}:${spend.internal[0]?.class ?? "internal"}` : id;
}

const ownOf = (ids: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(ids, name) ? ids[name] : undefined;

/** Most that the network takes, in base units; nothing beyond the payouts where they bear it. */
function feeOf({ fee }: Spend, { fee_reserve }: SpendTerms): bigint {
  if (fee.kind === "known") return fee.amount;
  return fee.kind === "reserve" ? fee_reserve : 0n;
}

type Destination = Readonly<{ address: string; amount: bigint }>;

/** Adds up the outputs of one destination; an output of nothing, such as data, is none. */
function merged(payouts: readonly Payout[]): Destination[] {
  const byAddress = new Map<string, bigint>();
  for (const { address, script, amount } of payouts) {
    if (amount === 0n) continue;
    const name = address ?? `${SCRIPT_PREFIX}${script}`;
    byAddress.set(name, (byAddress.get(name) ?? 0n) + amount);
  }
  return [...byAddress].map(([address, amount]) => ({ address, amount }));
}
