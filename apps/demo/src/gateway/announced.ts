/** Compares what a call would pay with a payment that the ledger knows. */
import { parseAmount } from "@dgb-shield/contract";
import type { Spend } from "@dgb-shield/rpc-gateway";
import { SCRIPT_PREFIX } from "../service/config/destinations.js";
import type { PaymentView } from "../service/service.js";

/**
 * Whether a call pays exactly what was allowed: the same scripts with the same amounts, and no larger fee. A payment that
 * was evaluated without destinations is the same as none.
 */
export function isSamePayment(
  { payouts, internal, fee }: Spend,
  { destinations, max_fee }: Pick<PaymentView, "destinations" | "max_fee">,
  scriptOf: (address: string) => string | null,
): boolean {
  if (destinations === null) return false;
  const allowed = new Map<string, bigint>();
  for (const { address, amount } of destinations) {
    const script = scriptIn(address, scriptOf);
    if (script === null) return false;
    add(allowed, script, parseAmount(amount));
  }
  const paid = new Map<string, bigint>();
  const leaving = payouts.length === 0 ? internal : payouts;
  for (const { script, amount } of leaving) if (amount > 0n) add(paid, script, amount);
  const cap = parseAmount(max_fee ?? "0");
  return isEqual(allowed, paid) && (fee.kind !== "known" || fee.amount <= cap);
}

/** Whether a call would pay as much as a payment that was made: of that, amount and fee alone are kept. */
export function isSameAmount(
  { payouts, internal }: Spend,
  { amount, max_fee }: Pick<PaymentView, "amount" | "max_fee">,
): boolean {
  const leaving = payouts.length === 0 ? internal : payouts;
  const sum = leaving.reduce((total, payout) => total + payout.amount, 0n);
  return sum + parseAmount(max_fee ?? "0") === parseAmount(amount);
}

/** The script that a destination of the ledger stands for; null where it is none. */
export const scriptIn = (
  address: string,
  scriptOf: (address: string) => string | null,
): string | null =>
  address.startsWith(SCRIPT_PREFIX) ? address.slice(SCRIPT_PREFIX.length) : scriptOf(address);

const add = (sums: Map<string, bigint>, script: string, amount: bigint): void =>
  void sums.set(script, (sums.get(script) ?? 0n) + amount);

const isEqual = (a: ReadonlyMap<string, bigint>, b: ReadonlyMap<string, bigint>): boolean =>
  a.size === b.size && [...a].every(([script, amount]) => b.get(script) === amount);
