/** The record of one withdrawal decision with all inputs that made it (design, sections 8 and 10). */
import { frozen } from "../internal/frozen.js";
import { z } from "zod";
import { looseObject, oneOf, strictObject } from "../internal/schema.js";
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
export const QWG_DECISIONS = frozen(["allow", "warn", "require_extra_auth", "delay", "block"]);
export type QwgDecisionName = (typeof QWG_DECISIONS)[number];

/** The record of one decision. */
export const decisionRecordSchema = strictObject({
  record_version: z.literal(1),
  decided_at_ms: timeMsSchema,
  withdrawal: jsonObjectSchema,
  inputs: strictObject({
    sentinel_level: riskLevelSchema,
    adn_level: riskLevelSchema,
    dqs_network_score: scoreSchema,
    dqs_advisory: advisoryLevelSchema,
    network_digest: hash256Schema,
    guardian_risk: guardianRiskSchema,
  }),
  guardian: guardianDecisionSchema,
  context: jsonObjectSchema,
  result: looseObject({
    decision: oneOf(QWG_DECISIONS),
    reason_id: z.string().min(1),
    reason: z.string().min(1),
    may_broadcast: z.boolean(),
  }),
  /** Why a withdrawal that both layers would let pass is refused all the same. */
  veto: oneOf(["network_unknown"]).nullable(),
  /** Whether the withdrawal may be signed: the final allow, and nothing else. */
  final: oneOf(["ALLOW", "REFUSED"]),
});
export type DecisionRecord = z.infer<typeof decisionRecordSchema>;
