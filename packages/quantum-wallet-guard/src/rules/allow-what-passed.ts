/** Rule 7: only what passed every rule is allowed (QWG technical document, section 5.3). */
import { allow, type DecisionResult } from "../evaluate/decisions.js";

const ALLOWED = allow({
  reason_id: "QWG_ALLOW",
  reason: "No rule speaks against the transaction.",
});

/** [ALLOW] every rule has passed. */
export const allowWhatPassed = (): DecisionResult => ALLOWED;
