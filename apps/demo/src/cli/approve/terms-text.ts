/** Shows the terms of a payment to the person who approves them. */
import { bindingOf, type PaymentTerms } from "@dgb-shield/client";
import { CHAINS, type ChainParameters } from "@dgb-shield/chain";
import { addressOf } from "@dgb-shield/chain/decode";
import { formatAmount, parseAmount } from "@dgb-shield/contract";
import { printable } from "../../timeline/format.js";

/** The chain of a first block. */
const chainOf = (genesis: string): ChainParameters | undefined =>
  CHAINS.find((chain) => chain.genesis?.hash === genesis);

/**
 * Writes what will be signed, a line each. Addresses are decoded here, from the scripts that are signed.
 *
 * @param expiresAtMs until when the approval will count
 */
export function termsText(terms: PaymentTerms, expiresAtMs: number): string[] {
  const chain = chainOf(terms.genesis);
  const total = terms.payouts.reduce((sum, { amount }) => sum + parseAmount(amount), 0n);
  return [
    `payment     ${printable(terms.payment_id)}`,
    `wallet      ${printable(terms.wallet_id)} of ${printable(terms.deployment_id)}`,
    `chain       ${chain?.name ?? `not known here: first block ${terms.genesis}`}`,
    ...terms.payouts.map(({ script, amount }) => {
      const address = chain === undefined ? null : addressOf(chain, script);
      return `pays        ${amount.padStart(16)}  to ${address ?? `the script ${script}`}`;
    }),
    `in all      ${formatAmount(total).padStart(16)}  and at most ${terms.max_fee} to the network`,
    `policy      ${terms.policy_version}`,
    `binds       ${bindingOf(terms)}`,
    `counts until ${new Date(expiresAtMs).toISOString().replace(/\.\d+Z$/, "Z")}`,
  ];
}
