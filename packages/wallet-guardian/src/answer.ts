/** The answer to `evaluate`, and the text in which an ALLOW in force is stored. */
import {
  canonicalize,
  type GuardianDecision,
  guardianDecisionSchema,
  type JsonObject,
  jsonObjectSchema,
} from "@dgb-shield/contract";
import { z } from "zod";

/** A decision, and whether the withdrawal may be signed. */
export type GuardianAnswer = GuardianDecision &
  Readonly<{
    /** True only when the withdrawal is reserved: until `valid_until_ms` it may be signed. */
    final: boolean;
    /** The record that `finalize` made and that was stored with the decision. */
    record?: JsonObject;
  }>;

const storedAnswerSchema = z.strictObject({
  decision: guardianDecisionSchema.extend({ decision: z.literal("ALLOW") }),
  record: jsonObjectSchema.nullable(),
});

/** Puts an answer together. */
export const answerOf = (
  decision: GuardianDecision,
  record: JsonObject | null,
  { final }: Readonly<{ final: boolean }>,
): GuardianAnswer => ({ ...decision, final, ...(record === null ? {} : { record }) });

/** The text under which an ALLOW in force is stored. */
export const writeAnswer = (decision: GuardianDecision, record: JsonObject | null): string =>
  canonicalize({ decision, record });

/** Reads a stored ALLOW; null where the text is none. */
export function readAnswer(text: string | null): GuardianAnswer | null {
  if (text === null) return null;
  try {
    const { decision, record } = storedAnswerSchema.parse(JSON.parse(text));
    return answerOf(decision, record, { final: true });
  } catch {
    return null;
  }
}
