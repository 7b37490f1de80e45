/** Guardians of one ledger: that of the policy, and one for each wallet with a policy of its own. */
import {
  createGuardian,
  type Guardian,
  type GuardianOptions,
  type GuardianPolicyInput,
} from "@dgb-shield/wallet-guardian";

/** The guardians of a site. */
export type Guardians = Readonly<{
  /** Of every wallet without a policy of its own, and of what concerns no wallet. */
  main: Guardian;
  /** The guardian that decides on a wallet; `main` where the id is none. */
  of(walletId: unknown): Guardian;
  /** The guardian of the wallet that a payment is of; `main` for one that the ledger does not know, or cannot read. */
  ofPayment(paymentId: string): Promise<Guardian>;
}>;

/**
 * Makes the guardians. A policy's name is its place in the ledger, so each wallet's policy has a name of its own.
 *
 * @param common what all of them share
 * @param policies by wallet id
 * @throws GuardianPolicyError for a policy that cannot be used
 */
export function createGuardians(
  common: GuardianOptions,
  policies: Readonly<Record<string, GuardianPolicyInput>> = {},
): Guardians {
  const main = createGuardian(common);
  const own = new Map(
    Object.entries(policies).map(([id, policy]) => {
      const name = policy.name ?? `wallet:${id}`;
      return [id, createGuardian({ ...common, policy: { ...policy, name } })] as const;
    }),
  );
  const of = (walletId: unknown): Guardian =>
    (typeof walletId === "string" ? own.get(walletId) : undefined) ?? main;
  return Object.freeze({
    main,
    of,
    async ofPayment(paymentId) {
      if (own.size === 0 || typeof paymentId !== "string") return main;
      // A ledger that fails here fails for the guardian as well, which answers with the code.
      const stored = await common.ledger.withdrawal(paymentId).catch(() => null);
      return of(stored?.wallet_id);
    },
  });
}
