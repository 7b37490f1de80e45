/** Contexts to time: each call makes an object of its own, with amounts of its own. */
import type { RiskContext } from "../src/index.js";

const BINDS = "ab".repeat(32);

/** Made ahead, as a parser of requests makes them: flat strings, not yet to be joined. */
const texts = (text: (i: number) => string): readonly string[] =>
  JSON.parse(JSON.stringify(Array.from({ length: 64 }, (_, i) => text(i)))) as string[];
const BALANCES = texts((i) => `${50_000 + i}.25`);
const AMOUNTS = texts((i) => `${120 + i}.${10_000_000 + i}`);
const IDS = texts((i) => `w-${1_000_000 + i}`);

const evidence = (i: number): RiskContext => ({
  sentinel_level: i % 3 === 0 ? "elevated" : "normal",
  dqs_network_score: (i % 20) / 100,
  adn_level: "normal",
  wallet_balance: BALANCES[i % 64]!,
  tx_amount: AMOUNTS[i % 64]!,
  behaviour_score: 1,
  trusted_device: true,
});

const whole = (i: number): RiskContext => ({
  sentinel_level: i % 3 === 0 ? "elevated" : "normal",
  dqs_network_score: (i % 20) / 100,
  adn_level: "normal",
  wallet_balance: BALANCES[i % 64]!,
  tx_amount: AMOUNTS[i % 64]!,
  behaviour_score: 1,
  trusted_device: true,
  address_age_days: i % 400,
  device_id: "phone-7",
  tx_id: IDS[i % 64]!,
  wallet_fingerprint: "hot-1",
  user_id: "user-1",
  created_at: 1_780_000_000_000 + i,
  dqs_advisory: "NORMAL",
  guardian_decision: "ALLOW",
});

/** Fields are added one by one: spreading takes longer than a decision does. */
function answered(i: number): RiskContext {
  const context = whole(i);
  context.guardian_reason_codes = [];
  return context;
}

function approved(i: number): RiskContext {
  const context = answered(i);
  context.tx_amount = "20000";
  context.binds = BINDS;
  context.approvals = [{ approver: "ann", method: "operator", approved_at_ms: 0, binds: BINDS }];
  return context;
}

/** By title. */
export const WORKLOADS: Readonly<Record<string, (i: number) => RiskContext>> = {
  "allow, the 7 evidence fields": evidence,
  "allow, 15 fields": whole,
  "allow, 16 fields with Guardian's answer": answered,
  "allow, numbers as amounts": (i) => ({
    ...evidence(i),
    wallet_balance: 50_000.25,
    tx_amount: 120.5,
  }),
  "warn: above the ratio": (i) => ({ ...evidence(i), tx_amount: "9000", wallet_balance: "12000" }),
  "delay: risk above the policy": (i) => ({ ...evidence(i), dqs_network_score: 0.95 }),
  "allow with an approval, 18 fields": approved,
};
