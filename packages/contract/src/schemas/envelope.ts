/** The signal envelope, in which every layer expresses its output (contract v3, section 4). */
import { z } from "zod";
import { strictObject } from "./own-object.js";
import { CONTRACT_VERSION, LIMITS } from "../limits.js";
import {
  componentSchema,
  envelopeDecisionSchema,
  hash256Schema,
  idSchema,
  jsonObjectSchema,
  reasonCodeSchema,
  riskTierSchema,
  scoreSchema,
} from "./primitives.js";

/** Risk of an envelope: a score and a tier. */
export const envelopeRiskSchema = strictObject({ score: scoreSchema, tier: riskTierSchema });
/** What `envelopeRiskSchema` accepts. */
export type EnvelopeRisk = z.infer<typeof envelopeRiskSchema>;

/** A Shield Contract v3 envelope: exactly these nine keys. */
export const envelopeSchema = strictObject({
  contract_version: z.literal(CONTRACT_VERSION),
  component: componentSchema,
  request_id: idSchema,
  context_hash: hash256Schema,
  decision: envelopeDecisionSchema,
  risk: envelopeRiskSchema,
  reason_codes: z.array(reasonCodeSchema).max(LIMITS.maxReasonCodes),
  evidence: jsonObjectSchema,
  meta: strictObject({ fail_closed: z.literal(true) }),
});
/** What `envelopeSchema` accepts. */
export type Envelope = z.infer<typeof envelopeSchema>;
