/** The policy: limits and behaviour under risk, checked as a whole (Wallet Guardian v2, sections 3 and 4.5). */
import {
  canonicalHash,
  formatAmount,
  GUARDIAN_DECISIONS,
  idSchema,
  isAmount,
  parseAmount,
  copyUntrusted,
} from "@dgb-shield/contract";
import { z } from "zod";
import { GuardianPolicyError } from "../errors.js";
import { safeParse } from "../internal/parse.js";
import { contradictionsOf, policyIssue, issuesOf } from "./issues.js";
import { DEFAULT_TABLE } from "./decision-table.js";

const MAX_SECONDS = 366 * 86_400;
/** Longest claim of any policy. */
export const MAX_CLAIM_SECONDS = 86_400;
const MAX_WINDOWS = 16;
const MAX_ADDRESSES = 10_000;
const POLICY_BOUNDS = { maxDepth: 6, maxEntries: MAX_ADDRESSES + 1 } as const;

const AMOUNT = 'give an amount of coins such as "5000" or "0.5", with at most 8 decimal places';
/** A ratio of 1 in the units of amounts. */
const ONE = 100_000_000n;
const RATIO = 'give a share of 0 to 1 such as "0.01", with at most 8 decimal places';
const limit = z
  .union([z.string(), z.number()], AMOUNT)
  .refine(isAmount, AMOUNT)
  .transform((value) => formatAmount(parseAmount(value)));
const ratio = z
  .union([z.string(), z.number()], RATIO)
  .refine((value) => isAmount(value) && parseAmount(value) <= ONE, RATIO)
  .transform((value) => formatAmount(parseAmount(value)));
const seconds = z.int().min(1).max(MAX_SECONDS);

const windowSchema = z
  .strictObject({
    seconds,
    max_amount: limit.nullable().default(null),
    max_count: z.int().min(1).nullable().default(null),
  })
  .refine((window) => window.max_amount !== null || window.max_count !== null, {
    message: "give max_amount, max_count or both",
  });

const limitFields = {
  /** Largest single withdrawal; null: no such limit. */
  max_per_tx: limit.nullable().default(null),
  /** Most that may leave in any 24 hours; null: no such limit. */
  max_24h: limit.nullable().default(null),
  /** Further rolling windows. */
  windows: z.array(windowSchema).max(MAX_WINDOWS).default([]),
  /** Least time between two ALLOWs; 0: none. */
  cooldown_seconds: z.int().min(0).max(MAX_SECONDS).default(0),
};

const limitsSchema = z.strictObject(limitFields);

/** An empty object whose members are all defaults; it has no prototype, so that none is inherited. */
const nothing = (): object => Object.create(null) as object;

const decision = z.enum(GUARDIAN_DECISIONS);
const rejection = decision.exclude(["ALLOW"]);
const row = z.strictObject({ LOW: decision, MEDIUM: decision, HIGH: decision });
const rejectionRow = z.strictObject({ LOW: rejection, MEDIUM: rejection, HIGH: rejection });

const tableSchema = z.strictObject({
  within_limits: row.default(DEFAULT_TABLE.within_limits),
  cooldown_breach: row.default(DEFAULT_TABLE.cooldown_breach),
  per_tx_limit: row.default(DEFAULT_TABLE.per_tx_limit),
  daily_limit: row.default(DEFAULT_TABLE.daily_limit),
  window_limit: row.default(DEFAULT_TABLE.window_limit),
  wallet_frozen: rejectionRow.default(rejectionRow.parse(DEFAULT_TABLE.wallet_frozen)),
  frozen_persistent_attempts: rejectionRow.default(
    rejectionRow.parse(DEFAULT_TABLE.frozen_persistent_attempts),
  ),
});

const addresses = z.array(idSchema).max(MAX_ADDRESSES);

/**
 * Schema of a policy. Absent fields take the defaults below; unknown ones are rejected. Amounts are
 * coins, as `parseAmount` reads them.
 */
export const guardianPolicySchema = z
  .strictObject({
    /** Which policy this is. A ledger keeps the current version of each name; a process with another one rejects. */
    name: idSchema.default("default"),
    ...limitFields,
    /** The same four for further scopes; the plain ones above are the wallet's. */
    limits: z
      .strictObject({
        account: limitsSchema.nullable().default(null),
        wallet: limitsSchema.nullable().default(null),
        global: limitsSchema.nullable().default(null),
      })
      .prefault(nothing),
    /**
     * `implicit`: an ALLOW is the permission to sign, at once. `explicit`: an ALLOW only reserves, and `claim`
     * permits one signer to sign.
     */
    claim: z.enum(["implicit", "explicit"]).default("implicit"),
    /**
     * What a breach at elevated risk freezes. `account`: the account by its own limits; a breach of the wallet's or
     * the global limit is DELAY. Requires `account_id`.
     */
    freeze_scope: z.enum(["wallet", "account"]).default("wallet"),
    /** With `freeze_scope: "account"`: the `count`-th account of a wallet that is frozen within `seconds` freezes the wallet. */
    accounts_frozen: z
      .strictObject({
        count: z.int().min(1).max(1_000).default(5),
        seconds: seconds.default(3_600),
      })
      .prefault(nothing),
    /** Whether every request at HIGH freezes its wallet. */
    high_risk_freeze: z.boolean().default(true),
    /** Freezes that end when risk has been LOW for long enough: those that risk alone caused, all but an operator's, or none. */
    release_freeze_at_low: z.enum(["risk", "all", "none"]).default("risk"),
    /** How long risk has to have been LOW, without a break and since after the freeze. */
    lift_after_low_seconds: z.int().min(0).max(MAX_SECONDS).default(600),
    /** How long after its latest cause an automatic freeze ends by itself; null: never. */
    freeze_seconds: seconds.nullable().default(null),
    /** The `count`-th FREEZE or REJECT of a frozen scope within `seconds` is a persistent attempt. */
    persistent_attempts: z
      .strictObject({
        count: z.int().min(1).max(1_000).default(3),
        seconds: seconds.default(1_800),
      })
      .prefault(nothing),
    /** The `count`-th request of a wallet within `seconds` is an event `spike`; null: no such event. It decides nothing. */
    spike: z
      .strictObject({ count: z.int().min(2).max(1_000_000), seconds })
      .nullable()
      .default(null),
    /** How long a reservation holds, and how long a claim permits signing; not longer than the shortest window. */
    allow_valid_seconds: z.int().min(1).max(MAX_CLAIM_SECONDS).default(60),
    /** How far wall and monotonic clock may come apart. */
    max_clock_jump_ms: z.int().min(0).max(86_400_000).default(5_000),
    /** Where money may go; null: anywhere. */
    allow_destinations: addresses.nullable().default(null),
    /** Where money may never go. */
    deny_destinations: addresses.default([]),
    /** Largest network fee of a payment, coins; null: no such limit. */
    max_fee: limit.nullable().default(null),
    /** Largest network fee of a payment as a share of what its destinations get; not compared where they get nothing. */
    max_fee_ratio: ratio.nullable().default(null),
    /** How long a destination that an account names for the first time waits; null: not at all. */
    new_destination_seconds: seconds.nullable().default(null),
    /** Coins that may go to a destination while it waits, all together. */
    new_destination_free: limit.default("0"),
    /** Whether a destination that looks like another one of the same account waits for an operator's approval. */
    destination_lookalikes: z.boolean().default(false),
    /** Rows that differ from the default table. */
    table: tableSchema.prefault(nothing),
  })
  .superRefine((policy, context) => {
    for (const { path, message } of contradictionsOf(policy)) {
      context.addIssue({ code: "custom", path: [...path], message });
    }
  });

/** A policy as a programmer writes it. */
export type GuardianPolicyInput = z.input<typeof guardianPolicySchema>;

/** A policy with all its defaults. */
export type GuardianPolicy = z.output<typeof guardianPolicySchema>;

/** The four limits of one scope, as policy data. */
export type ScopeLimits = z.output<typeof limitsSchema>;

/**
 * Checks a policy and fills in its defaults.
 *
 * @throws GuardianPolicyError with every fault found
 * @example parsePolicy({ max_per_tx: "5000", max_24h: "10000" }).allow_valid_seconds // 60
 */
export function parsePolicy(policy: unknown): GuardianPolicy {
  const plain = plainPolicy(policy);
  const parsed = safeParse(guardianPolicySchema, plain);
  if (!parsed.success) throw new GuardianPolicyError(issuesOf(parsed.error.issues, plain));
  return frozenPolicy(parsed.data);
}

/** A private copy of what was given, own properties alone; what is no object is rejected by the schema. */
function plainPolicy(policy: unknown): unknown {
  if (typeof policy !== "object" || policy === null) return policy;
  const plain = copyUntrusted(policy, POLICY_BOUNDS);
  if (plain.ok) return plain.value;
  const message = "no plain value: give plain objects, lists, texts, numbers, true, false or null";
  throw new GuardianPolicyError([policyIssue("not_plain", plain.path, message)]);
}

/** Freezes a policy with everything in it, so that its version stays true. */
function frozenPolicy(policy: GuardianPolicy): GuardianPolicy {
  const freeze = (value: unknown): void => {
    if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
    Object.values(value).forEach(freeze);
    Object.freeze(value);
  };
  freeze(policy);
  return policy;
}

/**
 * The version of a policy: the hash of all its fields, defaults included.
 *
 * @throws GuardianPolicyError when the policy is larger than what can be hashed
 */
export function policyVersion(policy: GuardianPolicy): string {
  try {
    return canonicalHash(policy);
  } catch {
    const message = "larger than 512,000 bytes: give fewer addresses";
    throw new GuardianPolicyError([policyIssue("payload_too_large", "", message)]);
  }
}
