/** Simulates customers of an exchange, who request withdrawals from its hot wallet. */
import { formatAmount, parseAmount } from "@dgb-shield/contract";
import { createRandom, pick } from "./random.js";
import type { CustomerRequest, Step } from "./scenario.js";

/** The wallet that pays. */
export const HOT_WALLET = "exchange-hot-1";

const NAMES = ["ada", "ben", "cleo", "dara", "eli", "finn", "gwen", "hugo", "iris", "jon"] as const;
const SMALLEST = parseAmount("25");
const LARGEST = parseAmount("1800");

/** Limits that the simulated exchange set for its hot wallet and for each customer; a freeze by risk ends soon after it. */
export const HOT_WALLET_POLICY = {
  lift_after_low_seconds: 120,
  max_per_tx: "5000",
  max_24h: "250000",
  cooldown_seconds: 0,
  limits: { account: { max_per_tx: "2000", max_24h: "20000", cooldown_seconds: 120 } },
} as const;

/**
 * Makes requests at the given times, seeded: the same seed gives the same withdrawals.
 *
 * @param prefix begins every withdrawal id
 * @param times milliseconds
 */
export function customerSteps(prefix: string, seed: number, times: readonly number[]): Step[] {
  const random = createRandom(seed);
  return times.map((at_ms, index) => {
    const name = pick(random, NAMES);
    const units = SMALLEST + BigInt(random.integer(0, Number(LARGEST - SMALLEST)));
    const withdrawal_id = `${prefix}-${String(index + 1).padStart(3, "0")}`;
    return { kind: "withdrawal", at_ms, request: request(withdrawal_id, name, units) };
  });
}

function request(withdrawal_id: string, name: string, units: bigint): CustomerRequest {
  const amount = formatAmount(units);
  return {
    withdrawal_id,
    wallet_id: HOT_WALLET,
    account_id: name,
    amount,
    destinations: [{ address: `simulated-address-of-${name}`, amount }],
    behaviour_score: 1,
    trusted_device: true,
    device_id: `phone-of-${name}`,
    address_age_days: 400,
    user_id: name,
  };
}

/** Times from `from` to `to` (milliseconds, both included), `every` milliseconds apart. */
export function timesBetween(from: number, to: number, every: number): number[] {
  return Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, i) => from + i * every);
}
