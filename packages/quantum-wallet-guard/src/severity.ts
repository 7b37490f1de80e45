/** Grades decisions on the one scale: the score of an envelope and the severity of an event (design, section 8). */
import type { QwgDecisionName } from "@dgb-shield/contract";
import type { DecisionResult } from "./evaluate/decisions.js";

type Verdict = Pick<DecisionResult, "decision" | "reason_id">;

/** A warning has the severity that the specification gives (QWG technical document, section 5.4). */
const SEVERITY: Readonly<Record<QwgDecisionName, number>> = Object.freeze({
  allow: 0,
  warn: 0.55,
  require_extra_auth: 0.7,
  delay: 0.75,
  block: 0.95,
});

/** Whether a decision was made because context or policy was malformed. */
export const isMalformed = ({ reason_id }: Verdict): boolean =>
  reason_id === "QWG_ERROR_INVALID_CONTEXT" || reason_id === "QWG_ERROR_INVALID_POLICY";

/** Severity of a decision, 0–1; malformed input is 1. */
export const severityOf = (verdict: Verdict): number =>
  isMalformed(verdict) ? 1 : SEVERITY[verdict.decision];
