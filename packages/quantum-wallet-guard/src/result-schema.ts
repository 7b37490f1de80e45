/** Schema of results from outside: of records, and of callers of `toEnvelope` (design, section 8). */
import { amountSchema, hash256Schema, QWG_DECISIONS } from "@dgb-shield/contract";
import { z } from "zod";
import { DECISION_OF_REASON, REASON_IDS } from "./codes.js";

/** A result whose decision, reason and `may_broadcast` go together. */
export const resultSchema = z
  .looseObject({
    decision: z.enum(QWG_DECISIONS),
    reason_id: z.enum(REASON_IDS),
    reason: z.string().optional(),
    may_broadcast: z.boolean(),
    require_confirmation: z.boolean().optional(),
    require_second_factor: z.boolean().optional(),
    cooldown_seconds: z.int().min(0).optional(),
    suggested_limit: amountSchema.optional(),
    path: z.string().optional(),
    context_hash: hash256Schema.optional(),
  })
  .refine(({ decision, may_broadcast }) => may_broadcast === (decision === "allow"), {
    path: ["may_broadcast"],
    message: "true for allow alone",
  })
  .refine(({ decision, reason_id }) => DECISION_OF_REASON[reason_id] === decision, {
    path: ["reason_id"],
    message: "not a reason of this decision",
  });

/** A result that the schema accepts. */
export type ReadResult = z.infer<typeof resultSchema>;
