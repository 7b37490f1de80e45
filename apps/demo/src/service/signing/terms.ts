/** Makes the terms of a payment from what the service decided on (design, section 13). */
import { MAX_PAYOUTS, type PaymentTerms } from "@dgb-shield/client";
import type { ChainParameters } from "@dgb-shield/chain";
import { createScriptOf } from "@dgb-shield/chain/decode";
import { canonicalHash, formatAmount, parseAmount } from "@dgb-shield/contract";
import { policyVersion as guardPolicyVersion } from "@dgb-shield/quantum-wallet-guard";
import { policyVersion as guardianPolicyVersion } from "@dgb-shield/wallet-guardian";
import { z } from "zod";
import type { ServiceConfig } from "../config/service-config.js";

const amount = z.union([z.string(), z.number()]);
const payoutSchema = z.object({
  amount,
  max_fee: amount,
  destinations: z.array(z.object({ address: z.string(), amount })).min(1),
});
const withdrawalSchema = z.object({
  wallet_id: z.string(),
  withdrawal_id: z.string().optional(),
  payment_id: z.string().optional(),
  payouts: z.array(payoutSchema).min(1).optional(),
});

/** Makes terms. */
export type TermsMaker = Readonly<{
  /**
   * Makes the terms of a request.
   *
   * @param withdrawal as the Guardian has it
   * @returns null where it has no destinations, no fee, or an address that is none of this chain
   */
  of(withdrawal: unknown): PaymentTerms | null;
}>;

type Site = Pick<ServiceConfig, "deployment_id" | "guardian" | "wallet_policies" | "guard">;

/**
 * Creates the maker of a deployment's terms.
 *
 * @param genesis first block of the chain
 */
export function createTerms(site: Site, chain: ChainParameters, genesis: string): TermsMaker {
  const scriptOf = createScriptOf(chain);
  const guard = guardPolicyVersion(site.guard);
  const versionOf = (walletId: string): string => {
    const policy = site.wallet_policies.get(walletId) ?? site.guardian;
    return canonicalHash({ guardian: guardianPolicyVersion(policy), guard });
  };
  return Object.freeze({
    of(withdrawal) {
      try {
        return termsOf(withdrawal, { site, genesis, scriptOf, versionOf });
      } catch {
        // What cannot be read has no terms.
        return null;
      }
    },
  } satisfies TermsMaker);
}

type Parts = Readonly<{
  site: Site;
  genesis: string;
  scriptOf: (address: string) => string | null;
  versionOf: (walletId: string) => string;
}>;

function termsOf(withdrawal: unknown, parts: Parts): PaymentTerms | null {
  const head = withdrawalSchema.parse(withdrawal);
  const { wallet_id, withdrawal_id, payment_id = withdrawal_id } = head;
  if (payment_id === undefined) return null;
  const all = head.payouts ?? [payoutSchema.parse(withdrawal)];
  const payouts = all.flatMap(({ destinations }) =>
    destinations.map((destination) => ({
      script: parts.scriptOf(destination.address),
      amount: formatAmount(parseAmount(destination.amount)),
    })),
  );
  const isWhole = payouts.every(
    (payout): payout is Readonly<{ script: string; amount: string }> => payout.script !== null,
  );
  if (!isWhole || payouts.length > MAX_PAYOUTS) return null;
  const fee = all.reduce((sum, { max_fee }) => sum + parseAmount(max_fee), 0n);
  return {
    deployment_id: parts.site.deployment_id,
    genesis: parts.genesis,
    wallet_id,
    payment_id,
    payouts,
    max_fee: formatAmount(fee),
    policy_version: parts.versionOf(wallet_id),
  };
}
