/** The wallet policy: every threshold with its unit, default and source (QWG technical document, section 5.2). */
import {
  amountSchema,
  compareDecimals,
  type Decimal,
  LIMITS,
  parseDecimal,
  type PlainBounds,
  riskLevelSchema,
  SCALE,
} from "@dgb-shield/contract";
import { z } from "zod";

/** Bounds of a policy: containers inside each other, and entries of one. */
export const POLICY_BOUNDS: PlainBounds = Object.freeze({ maxDepth: 4, maxEntries: 128 });

const MAX_COOLDOWN_SECONDS = 365 * 86_400;
const MAX_ADDRESS_AGE_DAYS = 36_500;
const MAX_APPROVAL_SECONDS = 365 * 86_400;
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
  (value) => isNotNegative(value) && isDouble(value) && Number(value) <= Number.MAX_SAFE_INTEGER,
  "not a decimal from 0 to 2^53 - 1 that a double holds",
);
const cooldownSchema = z.int().min(0).max(MAX_COOLDOWN_SECONDS);

/** Makes a schema of the fields of a policy, each by itself. */
const createPolicyFieldsSchema = () =>
  z.strictObject({
    /** Whether 99 % of the balance or more is blocked. */
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
    required_approvals: z.int().min(1).max(LIMITS.maxSignals).default(1),
    /** Seconds for which an approval counts, by the context's `created_at`; 0: without end. */
    approval_valid_seconds: z.int().min(0).max(MAX_APPROVAL_SECONDS).default(0),
  });

/** The fields of a policy, each by itself. */
export const policyFieldsSchema = createPolicyFieldsSchema();

/** Makes a schema of policies: this package decides by one of its own, which no importer holds. */
export const createWalletPolicySchema = () =>
  createPolicyFieldsSchema()
    .refine(
      (policy) => Number(policy.network_score_elevated) <= Number(policy.network_score_high),
      {
        path: ["network_score_high"],
        message: "below network_score_elevated",
      },
    )
    .refine(
      (policy) => Number(policy.network_score_high) <= Number(policy.network_score_critical),
      {
        path: ["network_score_critical"],
        message: "below network_score_high",
      },
    );

/** A wallet policy. Absent fields take the documented defaults; unknown fields are rejected. */
export const walletPolicySchema = createWalletPolicySchema();

/** A complete policy, as `parsePolicy` returns it. */
export type WalletPolicy = Readonly<z.output<typeof walletPolicySchema>>;

/** A policy as it is written: any field may be absent. */
export type WalletPolicyInput = Readonly<z.input<typeof walletPolicySchema>>;

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
