/** Why a decision is as it is: every rule in order, with the numbers that it compared (design, section 8). */
import { type ApprovalMethod, standingApprovals } from "../evaluate/approvals.js";
import type { ReasonId } from "../codes.js";
import type { DecisionResult } from "../evaluate/decisions.js";
import { decideUnder } from "../evaluate/index.js";
import { type Check, type Comparison, type Facts, factsOf, isWaived } from "../rules/rule-input.js";
import { type ContextRead, readContext } from "../evaluate/parsed-context.js";
import { frozen } from "../internal/frozen.js";
import { type PolicyRead, readPolicy } from "../policy/index.js";
import { CHECKS } from "../rules/checks.js";
import { refuseMalformed } from "../rules/reject-malformed.js";

/**
 * How a check came out: `passed`; `failed` (it speaks against the transaction); `waived` (it does, but
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
  /** Approvals that would waive it: asked for, and counted. */
  approvals?: Readonly<{ needed: number; given: number; methods: readonly ApprovalMethod[] }>;
  /** Where the input is malformed. */
  path?: string;
}>;

/** A decision and every check behind it. */
export type Explanation = Readonly<{ result: DecisionResult; rules: readonly RuleTrace[] }>;

/**
 * Explains a decision. All checks are looked at, those behind the one that decides too. Total and pure.
 *
 * @param context as `evaluateTransaction` takes it
 * @param policy as `evaluateTransaction` takes it
 * @example explain(context).rules.find((check) => check.decides)?.compared
 */
export function explain(context: unknown, policy?: unknown): Explanation {
  const read = readContext(context);
  const limits = readPolicy(policy);
  if (!read.ok) return explainMalformed(refuseMalformed("context", read), read, limits);
  if (!limits.ok) return explainMalformed(refuseMalformed("policy", limits), read, limits);
  const facts = factsOf(read.value, limits.value);
  const result = decideUnder(read.value, limits.value);
  const traces = CHECKS.map((check) => traceOf(check, facts, result));
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

function traceOf(check: Check, facts: Facts, result: DecisionResult): RuleTrace {
  const compared = check.compare(facts);
  const outcome = outcomeOf(check, facts, compared);
  const { rule, reason_id } = check;
  const approvals = check.waiver === null ? {} : { approvals: approvalsOf(check.waiver, facts) };
  return {
    rule,
    reason_id,
    outcome,
    decides: reason_id === result.reason_id,
    compared,
    ...approvals,
  };
}

function outcomeOf(check: Check, facts: Facts, compared: readonly Comparison[]): Outcome {
  if (check.speaks(facts)) return isWaived(check, facts) ? "waived" : "failed";
  return compared.length === 0 ? "off" : "passed";
}

function approvalsOf(waiver: NonNullable<Check["waiver"]>, facts: Facts) {
  const { people: needed, methods } = waiver(facts);
  const { approval_valid_seconds } = facts.limits.policy;
  const given = standingApprovals(facts.context, methods, approval_valid_seconds).length;
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
