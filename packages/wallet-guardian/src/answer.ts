/** The answer to `evaluate`, and the text in which an ALLOW in force is stored. */
import {
  canonicalize,
  type GuardianDecision,
  guardianDecisionSchema,
  type JsonObject,
  jsonObjectSchema,
  withoutPrototypes,
} from "@dgb-shield/contract";
import { z } from "zod";
import { omit } from "./internal/omit.js";
import { safeParse } from "./internal/parse.js";

/** A decision, and whether the withdrawal may be signed. */
export type GuardianAnswer = GuardianDecision &
  Readonly<{
    /** True only when the withdrawal is reserved: for `valid_for_ms` it may be signed. */
    final: boolean;
    /** Present where the same ALLOW was given before and still holds. */
    repeated?: true;
    /** How long a final ALLOW may be signed from this answer on, in milliseconds, whatever the signer's clock shows. */
    valid_for_ms?: number;
    /** Of a malformed request or an untrusted clock: the rule, the kind of value, and what to do. */
    detail?: string;
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
  { final, clockMs }: Readonly<{ final: boolean; clockMs?: number }>,
): GuardianAnswer => ({
  ...decision,
  final,
  ...(final && clockMs !== undefined ? validFor(decision, clockMs) : {}),
  ...(record === null ? {} : { record }),
});

const validFor = ({ valid_until_ms }: GuardianDecision, clockMs: number) =>
  valid_until_ms === undefined ? {} : { valid_for_ms: valid_until_ms - clockMs };

/**
 * The decision of an answer, as records and envelopes carry it: without what belongs to the one call.
 *
 * @example decisionOf(answer).decision // "ALLOW"
 */
export const decisionOf = (answer: GuardianAnswer): GuardianDecision =>
  omit(answer, ["final", "record", "repeated", "valid_for_ms", "detail"]);

/** The text under which an ALLOW in force is stored. */
export const writeAnswer = (decision: GuardianDecision, record: JsonObject | null): string =>
  canonicalize({ decision, record });

/** An ALLOW as stored. */
export type StoredAnswer = Readonly<{ decision: GuardianDecision; record: JsonObject | null }>;

/** Reads a stored ALLOW; null where the text is none. */
export function readAnswer(text: string | null): StoredAnswer | null {
  if (text === null) return null;
  try {
    const stored = withoutPrototypes(JSON.parse(text) as unknown);
    const read = safeParse(storedAnswerSchema, stored);
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}
