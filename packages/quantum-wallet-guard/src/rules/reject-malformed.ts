/** Rule 0: a malformed context or policy is a refusal (design: layer 5). */
import { block, type DecisionResult } from "../evaluate/decisions.js";

const REASON_ID = {
  context: "QWG_ERROR_INVALID_CONTEXT",
  policy: "QWG_ERROR_INVALID_POLICY",
} as const;
const NAME = { context: "risk context", policy: "wallet policy" } as const;

/**
 * [BLOCK] the context or the policy is malformed. Never waived.
 *
 * @param part which of the two
 * @param path JSON Pointer of the first offending field, and what is wrong there
 */
export const refuseMalformed = (
  part: "context" | "policy",
  { path, offence }: Readonly<{ path: string; offence: string }>,
): DecisionResult =>
  block(
    { reason_id: REASON_ID[part], reason: `The ${NAME[part]} is malformed: ${offence}` },
    { path },
  );
