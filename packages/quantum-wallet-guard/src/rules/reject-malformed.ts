/** Rule 0: a malformed context or policy is blocked (design, section 8). */
import { block, type DecisionResult } from "../evaluate/decisions.js";

/** What is wrong with an input: the JSON Pointer of the first offending field, and a sentence about it. */
export type Malformed = Readonly<{ path: string; offence: string }>;

/** Blocks a malformed context. Never waived. */
export const rejectContext = ({ path, offence }: Malformed): DecisionResult =>
  // [BLOCK QWG_ERROR_INVALID_CONTEXT] the context is malformed, or not plain data
  block(
    {
      reason_id: "QWG_ERROR_INVALID_CONTEXT",
      reason: `The risk context is malformed: ${offence}`,
    },
    { path },
  );

/** Blocks under a malformed policy. Never waived. */
export const rejectPolicy = ({ path, offence }: Malformed): DecisionResult =>
  // [BLOCK QWG_ERROR_INVALID_POLICY] the policy is malformed, or not plain data
  block(
    {
      reason_id: "QWG_ERROR_INVALID_POLICY",
      reason: `The wallet policy is malformed: ${offence}`,
    },
    { path },
  );
