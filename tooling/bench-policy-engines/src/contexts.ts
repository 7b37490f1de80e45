/** Contexts that all three engines can carry, and what the other two are given of them. */
import { createRandom } from "@dgb-shield/testkit/random";
import type { RiskContext } from "@dgb-shield/quantum-wallet-guard";

/** Numbers for engines without exact decimals: base units and their multiples, below 2^53; scores in ten-thousandths. */
export type Prepared = Readonly<Record<string, string | number | boolean>>;

const LEVELS = ["normal", "normal", "normal", "elevated", "high", "critical"] as const;
const GUARDIAN = ["ALLOW", "ALLOW", "ALLOW", "ALLOW", "DELAY", "FREEZE", "REJECT"] as const;
const UNITS = 100_000_000;

/** A reproducible sequence of contexts near every boundary (mulberry32). */
export function makeContexts(count: number, seed: number): RiskContext[] {
  const next = createRandom(seed).next;
  const pick = <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)] as T;
  return Array.from({ length: count }, () => {
    const balance = Math.floor(next() * 800_000) * 1_000 * pick([1, 10, 100_000]) + 1_000;
    const share = pick([balance, (balance * 99) / 100, balance / 2, balance / 10, 10_000 * UNITS]);
    const amount = Math.max(1, Math.floor(share) + pick([-1, 0, 1]));
    return {
      sentinel_level: pick(LEVELS),
      adn_level: pick(LEVELS),
      dqs_network_score: pick([0, 0.1, 0.2499, 0.25, 0.5999, 0.6, 0.8999, 0.9, 1]),
      wallet_balance: coins(balance),
      tx_amount: coins(amount),
      behaviour_score: pick([1, 1, 1, 1.5, 1.5001, 2]),
      trusted_device: pick([true, true, true, true, false]),
      guardian_decision: pick(GUARDIAN),
    };
  });
}

/** What the other engines get: nothing of this counts in their time. */
export function prepare(context: RiskContext): Prepared {
  const amount = unitsOf(context.tx_amount);
  const balance = unitsOf(context.wallet_balance);
  return {
    sentinel_level: context.sentinel_level,
    adn_level: context.adn_level,
    guardian_decision: context.guardian_decision ?? "ALLOW",
    score: Math.round(context.dqs_network_score * 10_000),
    behaviour: Math.round(context.behaviour_score * 10_000),
    trusted_device: context.trusted_device,
    amount,
    balance,
    amount_x100: amount * 100,
    balance_x99: balance * 99,
    amount_x10: amount * 10,
    balance_x5: balance * 5,
  };
}

const unitsOf = (amount: string | number): number => {
  const [whole = "", fraction = ""] = String(amount).split(".");
  return Number(whole) * UNITS + Number(fraction.padEnd(8, "0"));
};

const coins = (units: number): string =>
  `${Math.floor(units / UNITS)}.${String(units % UNITS).padStart(8, "0")}`;
