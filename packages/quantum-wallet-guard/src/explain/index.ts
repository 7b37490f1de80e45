/** Explains a decision: every rule in order, with the numbers that it compared (design, section 8). */
import { standingApprovals } from "../evaluate/approvals.js";
import type { ApprovalMethod } from "../evaluate/risk-context.js";
import type { ReasonId } from "../codes.js";
import type { DecisionResult } from "../evaluate/decisions.js";
import { decideUnder } from "../evaluate/index.js";
import { type Check, type Comparison, comparisonsOf, isWaived } from "../rules/check.js";
import { type RuleInput, ruleInputOf } from "../rules/rule-input.js";
import { type ContextRead, readContext } from "../evaluate/parsed-context.js";
import { frozen } from "../internal/frozen.js";
import { type PolicyRead, readPolicy } from "../policy/index.js";
import { CHECKS } from "../rules/checks.js";
import { rejectContext, rejectPolicy } from "../rules/reject-malformed.js";

/**
 * Outcome of a check: `passed`; `failed` (it matches the transaction); `waived` (it matches, but
 * approvals waive it); `off` (policy or level turn it off); `not_evaluated` (the input is malformed).
 */
export type Outcome = "passed" | "failed" | "waived" | "off" | "not_evaluated";

/** One check of one rule. */
export type RuleTrace = Readonly<{
  /** Number of the rule, 0 to 7. */
  rule: number;
  /** The reason that it gives when it decides. */
  reason_id: ReasonId;
  outcome: Outcome;
  /** Whether the decision is this check's; true once. */
  decides: boolean;
  compared: readonly Comparison[];
  /** Approvals that would waive it: how many are needed, and how many count. */
  approvals?: Readonly<{ needed: number; given: number; methods: readonly ApprovalMethod[] }>;
  /** Where the input is malformed. */
  path?: string;
}>;

/** A decision and every check behind it. */
export type Explanation = Readonly<{ result: DecisionResult; rules: readonly RuleTrace[] }>;

/**
 * Explains a decision. All checks are evaluated, those behind the one that decides too. Total and pure.
 *
 * @param context as `evaluateTransaction` takes it
 * @param policy as `evaluateTransaction` takes it
 * @returns the decision and one trace for each check, deeply frozen
 * @example explain(context).rules.find((check) => check.decides)?.compared
 */
export function explain(context: unknown, policy?: unknown): Explanation {
  const read = readContext(context);
  const limits = readPolicy(policy);
  if (!read.ok) return explainMalformed(rejectContext(read), read, limits);
  if (!limits.ok) return explainMalformed(rejectPolicy(limits), read, limits);
  const input = ruleInputOf(read.value, limits.value);
  const result = decideUnder(read.value, limits.value);
  const traces = CHECKS.map((check) => traceOf(check, input, result));
  const passed = result.decision === "allow";
  return frozen({
    result,
    rules: [
      trace(0, "QWG_ERROR_INVALID_CONTEXT", "passed"),
      trace(0, "QWG_ERROR_INVALID_POLICY", "passed"),
      ...traces,
      { ...trace(7, "QWG_ALLOW", passed ? "passed" : "failed"), decides: passed },
    ],
  });
}

function traceOf(check: Check, input: RuleInput, result: DecisionResult): RuleTrace {
  const compared = comparisonsOf(check, input);
  const outcome = outcomeOf(check, input, compared);
  const { rule, reason_id } = check;
  const approvals =
    check.waivedBy === null ? {} : { approvals: approvalsOf(check.waivedBy, input) };
  return {
    rule,
    reason_id,
    outcome,
    decides: reason_id === result.reason_id,
    compared,
    ...approvals,
  };
}

function outcomeOf(check: Check, input: RuleInput, compared: readonly Comparison[]): Outcome {
  if (check.matches(input)) return isWaived(check, input) ? "waived" : "failed";
  return compared.length === 0 ? "off" : "passed";
}

function approvalsOf(waivedBy: NonNullable<Check["waivedBy"]>, input: RuleInput) {
  const { people: needed, methods } = waivedBy(input);
  const { approval_valid_seconds } = input.limits.policy;
  const given = standingApprovals(input.context, methods, approval_valid_seconds).length;
  return { needed, given, methods };
}

function explainMalformed(
  result: DecisionResult,
  read: ContextRead,
  limits: PolicyRead,
): Explanation {
  const malformed = (offence: Readonly<{ path: string }>, isDecisive: boolean) =>
    ({ outcome: "failed", decides: isDecisive, path: offence.path }) as const;
  return frozen({
    result,
    rules: [
      {
        ...trace(0, "QWG_ERROR_INVALID_CONTEXT", "passed"),
        ...(!read.ok && malformed(read, true)),
      },
      {
        ...trace(0, "QWG_ERROR_INVALID_POLICY", "passed"),
        ...(!limits.ok && malformed(limits, read.ok)),
      },
      ...CHECKS.map(({ rule, reason_id }) => trace(rule, reason_id, "not_evaluated")),
      trace(7, "QWG_ALLOW", "not_evaluated"),
    ],
  });
}

const trace = (rule: number, reason_id: ReasonId, outcome: Outcome): RuleTrace => ({
  rule,
  reason_id,
  outcome,
  decides: false,
  compared: [],
});
