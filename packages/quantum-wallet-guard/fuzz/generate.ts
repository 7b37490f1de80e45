/** Random policies, and contexts that stand on, just below and just above their boundaries. */
import type { Approval, RiskContext, WalletPolicy, WalletPolicyInput } from "../src/index.js";
import type { Random } from "@dgb-shield/testkit/random";

const UNITS = 100_000_000n;
const MAX_UNITS = 2n ** 63n - 1n;
const BINDS = "ab".repeat(32);
const OTHER_BINDS = "cd".repeat(32);
const NOW_MS = 1_780_000_000_000;

/** Base units as coins; some with the zeros that they could do without. */
export function coins(units: bigint): string {
  return `${units / UNITS}.${String(units % UNITS).padStart(8, "0")}`;
}

/** A policy; some fields are left to their defaults. */
export function randomPolicy(random: Random): WalletPolicyInput {
  const { pick } = random;
  const all: Required<WalletPolicyInput> = {
    block_full_balance_tx: !random.oneIn(4),
    max_tx_ratio_normal: pick([0.5, "0.5", "0.333333333333333333", 1, "0.07", 0, "0.995"]),
    max_tx_ratio_high: pick([0.1, "0.1", "0.000000000000000001", 1, "0.07", 0, "0.6"]),
    max_allowed_risk: pick(["normal", "elevated", "high", "high", "critical"]),
    cooldown_seconds_warn: random.below(1_000),
    cooldown_seconds_delay: random.below(1_000),
    threshold_extra_auth: pick(["10000", 3, "0.00000001", "90000000000", 0, "0.5"]),
    max_behaviour_score: pick([1.5, "1.25", 0, 1]),
    require_trusted_device: !random.oneIn(4),
    min_address_age_days: pick([0, 0, 1, 7]),
    network_score_elevated: pick([0.1, "0.25", 0]),
    network_score_high: pick(["0.25", 0.6]),
    network_score_critical: pick(["0.75", 0.9, 1]),
    required_approvals: pick([1, 1, 2, 3]),
    approval_valid_seconds: pick([0, 0, 60]),
  };
  const kept = Object.entries(all).filter(() => !random.oneIn(4));
  return Object.fromEntries(kept);
}

/** A valid context, near the boundaries of a policy. */
export function randomContext(random: Random, policy: WalletPolicy): RiskContext {
  const { pick, oneIn } = random;
  const balance = randomBalance(random);
  const amount = amountNear(random, balance, policy);
  const created_at = oneIn(4) ? undefined : NOW_MS;
  const guardian_decision = pick([...CALM, "DELAY", "FREEZE", "REJECT"] as const);
  const age = pick([undefined, null, ...around(policy.min_address_age_days)]);
  return {
    sentinel_level: randomLevel(random),
    adn_level: randomLevel(random),
    dqs_network_score: scoreNear(random, policy),
    wallet_balance: coins(balance),
    tx_amount: coins(amount),
    behaviour_score: pick([0, 1, ...besides(Number(policy.max_behaviour_score)), 1e-20, 1e9]),
    trusted_device: !oneIn(6),
    ...(age !== undefined && { address_age_days: age }),
    ...(created_at !== undefined && { created_at }),
    ...(!oneIn(3) && { dqs_advisory: pick(ADVISORIES) }),
    ...(guardian_decision !== undefined && { guardian_decision }),
    ...(!oneIn(6) && { binds: BINDS }),
    ...(!oneIn(3) && { approvals: randomApprovals(random, policy) }),
  };
}

const CALM = [undefined, undefined, "ALLOW", "ALLOW", "ALLOW", "ALLOW", "ALLOW"] as const;
const ADVISORIES = [
  "NORMAL",
  "NORMAL",
  "NORMAL",
  "UNKNOWN",
  "ELEVATED",
  "CRITICAL_LOCAL",
  "CRITICAL_GLOBAL",
] as const;

function randomLevel({ pick }: Random): RiskContext["sentinel_level"] {
  return pick(["normal", "normal", "normal", "elevated", "elevated", "high", "high", "critical"]);
}

function randomBalance(random: Random): bigint {
  const fixed = [0n, 1n, 3n, 99n, 100n, 101n, UNITS, 1_000n * UNITS, 20_000n * UNITS, MAX_UNITS];
  if (random.oneIn(3)) return random.pick(fixed);
  const digits = 1 + random.below(18);
  return BigInt(Math.floor(random.next() * 2 ** 53)) % 10n ** BigInt(digits);
}

/** An amount at a boundary, a unit beside it, or anywhere. */
function amountNear(random: Random, balance: bigint, policy: WalletPolicy): bigint {
  const ratio = random.pick([policy.max_tx_ratio_normal, policy.max_tx_ratio_high]);
  const [n, d] = fraction(ratio);
  const near = random.pick([
    balance,
    (balance * 99n) / 100n,
    (balance * n) / d,
    units(policy.threshold_extra_auth),
    balance / 50n,
    balance / 3n,
  ]);
  const amount = near + random.pick([-1n, 0n, 1n]);
  return amount < 1n ? 1n : amount > MAX_UNITS ? MAX_UNITS : amount;
}

function scoreNear(random: Random, policy: WalletPolicy): number {
  const threshold = Number(
    random.pick([
      policy.network_score_elevated,
      policy.network_score_high,
      policy.network_score_critical,
    ]),
  );
  const score = random.pick([0, 0, 0, 0.05, 0.2, 0.2, ...besides(threshold), 1, 5e-324]);
  return Math.min(1, Math.max(0, score));
}

function randomApprovals(random: Random, policy: WalletPolicy): Approval[] {
  const valid_ms = policy.approval_valid_seconds * 1_000;
  return Array.from({ length: random.below(5) }, () => ({
    approver: random.pick(["ann", "Ann", "ANN", "aNn", "bob", "eve"]),
    method: random.pick(["confirmation", "second_factor", "operator"]),
    approved_at_ms: NOW_MS - random.pick([0, 0, -1, valid_ms, Math.max(0, valid_ms - 1), 5]),
    binds: random.oneIn(6) ? OTHER_BINDS : BINDS,
  }));
}

/** Numerator and denominator of a ratio of these policies. */
export function fraction(ratio: string | number): [bigint, bigint] {
  const [whole = "", places = ""] = String(ratio).split(".");
  return [BigInt(whole + places), 10n ** BigInt(places.length)];
}

/** Base units of a threshold of these policies. */
export function units(amount: string | number): bigint {
  const [n, d] = fraction(amount);
  return (n * UNITS) / d;
}

const around = (days: number): number[] => [days, days + 1, Math.max(0, days - 1)];

/** A double and its two neighbours. */
export function besides(value: number): number[] {
  if (value === 0) return [0, 5e-324];
  const bits = new BigInt64Array(new Float64Array([value]).buffer);
  const [here = 0n] = bits;
  return [here - 1n, here, here + 1n].map(
    (step) => new Float64Array(new BigInt64Array([step]).buffer)[0]!,
  );
}
