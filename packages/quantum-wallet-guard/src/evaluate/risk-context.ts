/** The risk context of one transaction (QWG technical document, section 5.1; QWG whitepaper, section 4.2). */
import {
  advisoryLevelSchema,
  amountSchema,
  GUARDIAN_DECISIONS,
  hash256Schema,
  idSchema,
  isAmount,
  LIMITS,
  parseAmount,
  type PlainBounds,
  riskLevelSchema,
  scoreSchema,
  wordSchema,
} from "@dgb-shield/contract";
import { z } from "zod";
import { isTime } from "../internal/time.js";

/** Milliseconds since 1970-01-01T00:00:00Z; seconds and microseconds are rejected. */
const contextTimeSchema = z.custom<number>(isTime, "not a time in milliseconds");

/** Bounds of a context: containers inside each other, and entries of one. */
export const CONTEXT_BOUNDS: PlainBounds = Object.freeze({ maxDepth: 4, maxEntries: 128 });

/** Methods of approval, weakest first. */
export const APPROVAL_METHODS = Object.freeze([
  "confirmation",
  "second_factor",
  "operator",
] as const);
/** One method of approval. */
export type ApprovalMethod = (typeof APPROVAL_METHODS)[number];

const MAX_APPROVER_LENGTH = 128;
const APPROVER = /^[A-Za-z0-9]+(?:[._@+-][A-Za-z0-9]+)*$/;

/**
 * Whether a value names an approver: 1 to 128 ASCII letters and digits, with single signs `. _ @ + -` between
 * them. What looks like one person must not count as two (decision 26).
 */
export const isApprover = (value: unknown): value is string =>
  typeof value === "string" && value.length <= MAX_APPROVER_LENGTH && APPROVER.test(value);

const approvalSchema = z.strictObject({
  /** ASCII letters and digits with single signs between them; compared without regard to case. */
  approver: z.custom<string>(isApprover, "not the name of an approver"),
  method: z.enum(APPROVAL_METHODS),
  approved_at_ms: contextTimeSchema,
  /** The `approvalBinding` of what was approved. */
  binds: hash256Schema,
});

/** One person's approval of one withdrawal. */
export type Approval = z.infer<typeof approvalSchema>;

const positiveAmountSchema = z
  .union([z.string(), z.number()])
  .refine((value) => isAmount(value) && parseAmount(value) > 0n, "not an amount above zero");

/**
 * The schema of risk contexts, for programs that check before they send. The evidence fields are required: with
 * defaults, a missing report would look healthy. Unknown fields are rejected, and nothing is coerced. Decisions
 * rest on this package's own table of fields, which accepts the same and which no importer holds.
 */
export const riskContextSchema = z
  .strictObject({
    sentinel_level: riskLevelSchema,
    /** Network score of DQSN, 0–1. */
    dqs_network_score: scoreSchema,
    adn_level: riskLevelSchema,
    /** Coins of the wallet that pays. */
    wallet_balance: amountSchema,
    /** Coins that leave, above zero. */
    tx_amount: positiveAmountSchema,
    /** 1.0 is usual behaviour; larger is less usual. */
    behaviour_score: z.number().min(0).max(Number.MAX_SAFE_INTEGER),
    trusted_device: z.boolean(),
    /** Whole days since the destination was first paid; null or absent: unknown. */
    address_age_days: z.int().min(0).nullable().optional(),
    device_id: idSchema.nullable().optional(),
    tx_id: idSchema.nullable().optional(),
    wallet_fingerprint: idSchema.nullable().optional(),
    user_id: idSchema.nullable().optional(),
    /** Milliseconds since 1970-01-01T00:00:00Z. */
    created_at: contextTimeSchema.optional(),
    dqs_advisory: advisoryLevelSchema.optional(),
    guardian_decision: z.enum(GUARDIAN_DECISIONS).optional(),
    guardian_reason_codes: z.array(wordSchema).max(LIMITS.maxSignals).optional(),
    approvals: z.array(approvalSchema).max(LIMITS.maxSignals).optional(),
    /** The `approvalBinding` of this transaction: approvals of anything else do not count. */
    binds: hash256Schema.optional(),
  })
  .refine((context) => !isGuardianAnswerLost(context), {
    path: ["guardian_decision"],
    message: "Guardian's reason codes without its decision",
  });

/** The risk context of one transaction. */
export type RiskContext = z.infer<typeof riskContextSchema>;

/** The defaults of the specification's `RiskContext`; amounts of zero are among them, so that they never allow alone. */
export const SEED_DEFAULTS = Object.freeze({
  sentinel_level: "normal",
  dqs_network_score: 0,
  adn_level: "normal",
  wallet_balance: "0",
  tx_amount: "0",
  address_age_days: null,
  behaviour_score: 1,
  device_id: null,
  trusted_device: true,
} as const satisfies RiskContext);

/**
 * Fills absent fields with the specification's defaults. These are optimistic: a report that never came looks
 * healthy. Call it only where absence of a report is known to mean health.
 *
 * @param partial the fields that there are evidence for
 * @returns the partial context over the defaults
 * @example withSeedDefaults({ wallet_balance: "100", tx_amount: "1" }).sentinel_level // "normal"
 */
export const withSeedDefaults = (partial: Partial<RiskContext>): RiskContext => ({
  ...SEED_DEFAULTS,
  ...partial,
});

function isGuardianAnswerLost(context: {
  guardian_decision?: unknown;
  guardian_reason_codes?: unknown;
}): boolean {
  const has = (name: string): boolean => Object.hasOwn(context, name);
  return has("guardian_reason_codes") && !has("guardian_decision");
}
