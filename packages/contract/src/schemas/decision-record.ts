/** The record of one withdrawal decision with all inputs that made it (design, sections 8 and 10). */
import { z } from "zod";
import {
  advisoryLevelSchema,
  guardianRiskSchema,
  hash256Schema,
  jsonObjectSchema,
  riskLevelSchema,
  scoreSchema,
  timeMsSchema,
} from "./primitives.js";
import { guardianDecisionSchema } from "./guardian-decision.js";

/** Decisions of Quantum Wallet Guard, mildest first. */
export const QWG_DECISIONS = ["allow", "warn", "require_extra_auth", "delay", "block"] as const;
export type QwgDecisionName = (typeof QWG_DECISIONS)[number];

/** The record of one decision. */
export const decisionRecordSchema = z.strictObject({
  record_version: z.literal(1),
  decided_at_ms: timeMsSchema,
  withdrawal: jsonObjectSchema,
  inputs: z.strictObject({
    sentinel_level: riskLevelSchema,
    adn_level: riskLevelSchema,
    dqs_network_score: scoreSchema,
    dqs_advisory: advisoryLevelSchema,
    network_digest: hash256Schema,
    guardian_risk: guardianRiskSchema,
  }),
  guardian: guardianDecisionSchema,
  context: jsonObjectSchema,
  result: z.looseObject({
    decision: z.enum(QWG_DECISIONS),
    reason_id: z.string().min(1),
    reason: z.string().min(1),
    may_broadcast: z.boolean(),
  }),
  /** Why a withdrawal that both layers would let pass is refused all the same. */
  veto: z.enum(["network_unknown"]).nullable(),
  /** Whether the withdrawal may be signed: the final allow, and nothing else. */
  final: z.enum(["ALLOW", "REFUSED"]),
});
export type DecisionRecord = z.infer<typeof decisionRecordSchema>;
