/** The wallet policy: every threshold with its unit, default and source (QWG technical document, section 5.2). */
import {
  amountSchema,
  canonicalHash,
  compareDecimals,
  type Decimal,
  LIMITS,
  offencePath,
  parseAmount,
  parseDecimal,
  riskLevelSchema,
  SCALE,
  boundedPath,
  type Read,
} from "@dgb-shield/contract";
import { z } from "zod";
import { QwgError } from "./errors.js";
import { readPlain } from "./internal/plain.js";

/** Share of the balance from which a transaction empties the wallet (QWG whitepaper, section 5: ≈ 100 %). */
export const FULL_BALANCE_RATIO: Decimal = Object.freeze(parseDecimal("0.99"));

const MAX_COOLDOWN_SECONDS = 365 * 86_400;
const MAX_ADDRESS_AGE_DAYS = 36_500;
const ZERO = parseDecimal(0);
const ONE = parseDecimal(1);

const decimalSchema = (accepts: (value: string | number) => boolean, rule: string) =>
  z.union([z.string(), z.number()]).refine(accepts, rule);

const ratioSchema = decimalSchema(isRatio, "not an exact decimal from 0 to 1");
const scoreThresholdSchema = decimalSchema(
  (value) => isRatio(value) && isDouble(value),
  "not a decimal from 0 to 1 that a double holds",
);
const behaviourThresholdSchema = decimalSchema(
  (value) => isNotNegative(value) && isDouble(value),
  "not a decimal from 0 that a double holds",
);
const cooldownSchema = z.int().min(0).max(MAX_COOLDOWN_SECONDS);

/** A wallet policy. Absent fields take the documented defaults; unknown fields are refused. */
export const walletPolicySchema = z
  .strictObject({
    /** Whether 99 % of the balance or more is refused. */
    block_full_balance_tx: z.boolean().default(true),
    /** Largest share of the balance in one transaction; exactly this share passes. */
    max_tx_ratio_normal: ratioSchema.default(0.5),
    /** The same when the worst level is high or critical. */
    max_tx_ratio_high: ratioSchema.default(0.1),
    /** Worst level at which transactions still leave. */
    max_allowed_risk: riskLevelSchema.default("high"),
    cooldown_seconds_warn: cooldownSchema.default(60),
    cooldown_seconds_delay: cooldownSchema.default(300),
    /** Coins from which strong approvals are needed. */
    threshold_extra_auth: amountSchema.default("10000"),
    /** Behaviour score above which a transaction is unusual. */
    max_behaviour_score: behaviourThresholdSchema.default(1.5),
    require_trusted_device: z.boolean().default(true),
    /** Whole days; 0 turns the rule off. */
    min_address_age_days: z.int().min(0).max(MAX_ADDRESS_AGE_DAYS).default(0),
    /** Network scores from which the network level is elevated, high and critical. */
    network_score_elevated: scoreThresholdSchema.default(SCALE.elevated),
    network_score_high: scoreThresholdSchema.default(SCALE.high),
    network_score_critical: scoreThresholdSchema.default(SCALE.critical),
    /** Distinct people with a strong approval who release a large amount. */
    required_approvals: z.int().min(1).max(LIMITS.max_signals).default(1),
  })
  .refine((policy) => Number(policy.network_score_elevated) <= Number(policy.network_score_high), {
    path: ["network_score_high"],
    message: "below network_score_elevated",
  })
  .refine((policy) => Number(policy.network_score_high) <= Number(policy.network_score_critical), {
    path: ["network_score_critical"],
    message: "below network_score_high",
  });

/** A complete policy, as `parsePolicy` returns it. */
export type WalletPolicy = Readonly<z.output<typeof walletPolicySchema>>;

/** A policy as it is written: any field may be absent. */
export type WalletPolicyInput = Readonly<z.input<typeof walletPolicySchema>>;

/** A policy with its numbers read once. */
export type CompiledPolicy = Readonly<{
  policy: WalletPolicy;
  ratioNormal: Decimal;
  ratioHigh: Decimal;
  extraAuthUnits: bigint;
  maxBehaviourScore: number;
  networkScores: Readonly<{ elevated: number; high: number; critical: number }>;
}>;

const compiledPolicies = new WeakMap<object, CompiledPolicy>();

/**
 * Reads a policy, fills in the defaults and freezes it. A policy that was parsed once is not
 * parsed again by `evaluateTransaction`.
 *
 * @param policy a `WalletPolicyInput`; undefined is the default policy
 * @throws QwgError `invalid_policy` with the path of the first offending field
 * @example parsePolicy({ required_approvals: 2 }).max_tx_ratio_normal // 0.5
 */
export function parsePolicy(policy?: unknown): WalletPolicy {
  const read = readPolicy(policy);
  if (!read.ok) throw new QwgError("invalid_policy", read.path);
  return read.value.policy;
}

/**
 * The version of a policy: the canonical hash of the complete policy, so that spelling out a
 * default changes nothing.
 *
 * @throws QwgError `invalid_policy`
 */
export const policyVersion = (policy?: unknown): string => canonicalHash(parsePolicy(policy));

/** Reads and compiles a policy, or names the first offending field. Never throws. */
export function readPolicy(policy: unknown): Read<CompiledPolicy> {
  if (policy === undefined) return DEFAULT_POLICY;
  const known = typeof policy === "object" ? compiledPolicies.get(policy ?? {}) : undefined;
  if (known !== undefined) return { ok: true, value: known };
  const plain = readPlain(policy);
  if (!plain.ok) return plain;
  const parsed = walletPolicySchema.safeParse(plain.value);
  return parsed.success
    ? { ok: true, value: compile(Object.freeze(parsed.data)) }
    : { ok: false, path: boundedPath(offencePath(parsed.error)) };
}

function compile(policy: WalletPolicy): CompiledPolicy {
  const compiled: CompiledPolicy = {
    policy,
    ratioNormal: parseDecimal(policy.max_tx_ratio_normal),
    ratioHigh: parseDecimal(policy.max_tx_ratio_high),
    extraAuthUnits: parseAmount(policy.threshold_extra_auth),
    maxBehaviourScore: Number(policy.max_behaviour_score),
    networkScores: {
      elevated: Number(policy.network_score_elevated),
      high: Number(policy.network_score_high),
      critical: Number(policy.network_score_critical),
    },
  };
  compiledPolicies.set(policy, compiled);
  return compiled;
}

function decimalOf(value: string | number): Decimal | undefined {
  try {
    return parseDecimal(value);
  } catch {
    return undefined;
  }
}

function isNotNegative(value: string | number): boolean {
  const decimal = decimalOf(value);
  return decimal !== undefined && compareDecimals(decimal, ZERO) >= 0;
}

function isRatio(value: string | number): boolean {
  const decimal = decimalOf(value);
  return (
    decimal !== undefined &&
    compareDecimals(decimal, ZERO) >= 0 &&
    compareDecimals(decimal, ONE) <= 0
  );
}

/** Scores are doubles; a threshold that is one too is compared with them without any rounding. */
function isDouble(value: string | number): boolean {
  const [exact, double] = [decimalOf(value), decimalOf(Number(value))];
  return exact !== undefined && double !== undefined && compareDecimals(exact, double) === 0;
}

const DEFAULT_POLICY: Read<CompiledPolicy> = {
  ok: true,
  value: compile(Object.freeze(walletPolicySchema.parse({}))),
};

/**
 * Ready policies. `personal` is the specification's defaults. `exchange_hot_wallet` pays many small
 * withdrawals by itself: at most a twentieth of the balance at once, nothing from a high level up,
 * and two people for 50,000 coins.
 */
export const POLICY_PRESETS = Object.freeze({
  personal: parsePolicy({}),
  exchange_hot_wallet: parsePolicy({
    max_tx_ratio_normal: "0.05",
    max_tx_ratio_high: "0.01",
    max_allowed_risk: "elevated",
    cooldown_seconds_warn: 300,
    cooldown_seconds_delay: 900,
    threshold_extra_auth: "50000",
    required_approvals: 2,
  }),
});
