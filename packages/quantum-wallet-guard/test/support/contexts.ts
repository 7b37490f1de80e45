/** What the tests share: one healthy context and one binding. */
import type { RiskContext } from "../../src/index.js";

export const BINDS = "ab".repeat(32);

/** 10 of 1,000 coins, nothing wrong. */
export const HEALTHY = {
  sentinel_level: "normal",
  dqs_network_score: 0,
  adn_level: "normal",
  wallet_balance: "1000",
  tx_amount: "10",
  behaviour_score: 1,
  trusted_device: true,
} as const satisfies RiskContext;

export const approval = (
  approver: string,
  method: "confirmation" | "second_factor" | "operator",
  binds = BINDS,
) => ({ approver, method, approved_at_ms: 0, binds });

/** A copy of `value` without one field. */
export const without = (value: object, field: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([key]) => key !== field));
