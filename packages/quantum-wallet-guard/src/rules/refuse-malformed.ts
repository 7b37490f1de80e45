/** Rule 0: a malformed context or policy is a refusal (design: layer 5). */
import { block, type DecisionResult } from "../decisions.js";

const INVALID = {
  context: { reason_id: "QWG_ERROR_INVALID_CONTEXT", reason: "The risk context is malformed." },
  policy: { reason_id: "QWG_ERROR_INVALID_POLICY", reason: "The wallet policy is malformed." },
} as const;

/**
 * [BLOCK] the context or the policy is malformed. Never waived.
 *
 * @param part which of the two
 * @param path JSON Pointer of the first offending field
 */
export const refuseMalformed = (part: "context" | "policy", path: string): DecisionResult =>
  block(INVALID[part], { path });
