/** A decision of Wallet Guardian on one withdrawal (Wallet Guardian v2, section 3). */
import { frozen } from "../internal/frozen.js";
import { z } from "zod";
import { oneOf, strictObject } from "./own-object.js";
import {
  amountSchema,
  guardianRiskSchema,
  hash256Schema,
  idSchema,
  timeMsSchema,
  wordSchema,
} from "./primitives.js";

/** Guardian decisions, mildest first. */
export const GUARDIAN_DECISIONS = frozen(["ALLOW", "DELAY", "FREEZE", "REJECT"]);
/** One of `GUARDIAN_DECISIONS`. */
export type GuardianDecisionName = (typeof GUARDIAN_DECISIONS)[number];

/** A decision of Wallet Guardian. */
export const guardianDecisionSchema = strictObject({
  /** The withdrawal's or payment's id; empty where the request carried no valid one. */
  withdrawal_id: z.union([idSchema, z.literal("")]),
  wallet_id: z.union([idSchema, z.literal("")]),
  decision: oneOf(GUARDIAN_DECISIONS),
  /** Every rule that spoke, in the order of the rules. */
  reason_codes: z.array(wordSchema),
  /** JSON Pointer of the first offending field of a malformed request. */
  path: z.string().max(256).optional(),
  risk: guardianRiskSchema.nullable(),
  decided_at_ms: timeMsSchema,
  /** Milliseconds until the same request could pass. */
  retry_after_ms: z.int().min(0).optional(),
  /** Largest amount that would pass now. */
  allowed_now: amountSchema.optional(),
  /** Until when an ALLOW may be acted upon. */
  valid_until_ms: timeMsSchema.optional(),
  /** Transaction of an id that was committed before. */
  txid: hash256Schema.optional(),
  /** Which limits are breached, and of which scopes, in the order of the rules. */
  breaches: z
    .array(strictObject({ code: wordSchema, scope: z.string(), limit: z.string() }))
    .optional(),
  /** What this request froze, if anything. */
  freeze: strictObject({ cause_id: idSchema, scopes: z.array(z.string()) }).optional(),
  policy_version: hash256Schema,
  rules_version: z.string().min(1),
});
/** What `guardianDecisionSchema` accepts. */
export type GuardianDecision = z.infer<typeof guardianDecisionSchema>;
