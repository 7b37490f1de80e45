/** The answer to `evaluate`. */
import type { GuardianDecision, JsonObject } from "@dgb-shield/contract";
import { omit } from "../internal/own.js";

/** A decision, and whether the payment may go on. */
export type GuardianAnswer = GuardianDecision &
  Readonly<{
    /**
     * True only when the payment is reserved for `valid_for_ms`: with the policy's `claim: "implicit"` it may be
     * signed, with `"explicit"` it may be claimed.
     */
    final: boolean;
    /** Present where the same ALLOW was given before and still holds: another worker may have signed already. */
    repeated?: true;
    /** How long a final ALLOW holds from this answer on, in milliseconds, whatever the signer's clock shows. */
    valid_for_ms?: number;
    /** Of a malformed request, an untrusted clock or an outdated policy: what is wrong, and what to do. */
    detail?: string;
    /** The record that `finalize` made and that was stored with the decision. */
    record?: JsonObject;
  }>;

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
