/** What a rule is made of: comparisons that must hold, approvals that waive it, its decision (design, section 8). */
import { type ApprovalsNeeded, standingApprovals } from "../evaluate/approvals.js";
import type { DecisionResult } from "../evaluate/decisions.js";
import type { RiskContext } from "../evaluate/risk-context.js";
import type { ReasonId } from "../codes.js";
import type { RuleInput } from "./rule-input.js";

/** One comparison with its numbers: a value of the context, and the limit that lets it pass. */
export type Comparison = Readonly<{
  /** Field of the context. */
  field: keyof RiskContext;
  /** Its value, amounts and numbers as exact decimals; null where it is unknown. */
  value: string | null;
  relation: "<" | "<=" | ">=" | "is" | "is not";
  limit: string;
  /** Origin of the limit: a field of the policy, or an expression over fields. */
  source: string;
  /** Whether `value relation limit` is true. */
  holds: boolean;
}>;

/** States one comparison: `holds` decides, and the texts show the same numbers. */
export type ComparisonRule = Readonly<{
  field: Comparison["field"];
  relation: Comparison["relation"];
  source(input: RuleInput): string;
  /** Whether policy, level and context turn it on. */
  isOn(input: RuleInput): boolean;
  holds(input: RuleInput): boolean;
  value(input: RuleInput): string | null;
  limit(input: RuleInput): string;
}>;

/** A comparison that nothing turns off. */
export const always = (): boolean => true;

/** One check of a rule. It matches a transaction exactly when one of its comparisons is on and does not hold. */
export type Check = Readonly<{
  rule: 1 | 2 | 3 | 4 | 5 | 6;
  reason_id: ReasonId;
  comparisons: readonly ComparisonRule[];
  /**
   * Whether one of the comparisons is on and does not hold: their own `isOn` and `holds`, written out by hand, which
   * is three times as fast as a loop over them. A test holds it against the loop.
   */
  matches(input: RuleInput): boolean;
  /** Approvals that waive it; null: none do. */
  waivedBy: ((input: RuleInput) => ApprovalsNeeded) | null;
  decide(input: RuleInput): DecisionResult;
}>;

/** Whether the context has the approvals that waive a check. */
export function isWaived(check: Check, input: RuleInput): boolean {
  if (check.waivedBy === null || input.context.approvals === undefined) return false;
  const { people, methods } = check.waivedBy(input);
  const { approval_valid_seconds } = input.limits.policy;
  return standingApprovals(input.context, methods, approval_valid_seconds).length >= people;
}

/** Writes out the comparisons of a check that are on; none where policy or level turn the check off. */
export const comparisonsOf = (check: Check, input: RuleInput): readonly Comparison[] =>
  check.comparisons
    .filter((comparison) => comparison.isOn(input))
    .map(({ field, relation, source, holds, value, limit }) => ({
      field,
      value: value(input),
      relation,
      limit: limit(input),
      source: source(input),
      holds: holds(input),
    }));
