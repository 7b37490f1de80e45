/** The decision on one transaction, first match wins (QWG technical document, section 5.3; design, section 8). */
import type { CompiledPolicy } from "../policy/compile.js";
import { readPolicy } from "../policy/index.js";
import type { WalletPolicy } from "../policy/schema.js";
import { decidingCheck } from "../rules/checks.js";
import { rejectContext, rejectPolicy } from "../rules/reject-malformed.js";
import { ruleInputOf } from "../rules/rule-input.js";
import { allow, type DecisionResult } from "./decisions.js";
import { type ParsedContext, readContext, validatedOf } from "./parsed-context.js";
import type { ValidatedContext } from "./validated-context.js";

// [ALLOW QWG_ALLOW] every rule has passed
const ALLOWED = allow({
  reason_id: "QWG_ALLOW",
  reason: "No rule speaks against the transaction.",
});

/**
 * Decides on one transaction. Total and pure: it never throws, whatever it is given, and the same
 * input gives the same answer. Malformed input is blocked, with the path of the first offending field.
 *
 * @param context a `RiskContext`; nothing in it is coerced or defaulted
 * @param policy a `WalletPolicyInput`, or what `parsePolicy` returned (faster); default: the specification's
 * @returns the decision, frozen; `may_broadcast` is true for `allow` alone
 * @example
 * evaluateTransaction({ ...context, sentinel_level: "critical" }).decision // "block"
 */
export function evaluateTransaction(context: unknown, policy?: unknown): DecisionResult {
  const read = readContext(context);
  return read.ok ? decideValidated(read.value, policy) : rejectContext(read);
}

/**
 * As `evaluateTransaction`, for a context that `parseContext` has read; anything else is malformed. Total and pure.
 *
 * @param context of `parseContext`
 * @param policy of `parsePolicy`; default: the specification's
 * @returns the decision, frozen
 * @example decide(read.context, parsePolicy({ required_approvals: 2 }))
 */
export function decide(context: ParsedContext, policy?: WalletPolicy): DecisionResult {
  const validated = validatedOf(context);
  return validated === undefined ? rejectContext(NOT_PARSED) : decideValidated(validated, policy);
}

const NOT_PARSED = Object.freeze({
  path: "",
  offence: "parseContext did not make it. Give the context that parseContext returned.",
});

/** Decides on a valid context, under a policy that can be malformed. */
export function decideValidated(context: ValidatedContext, policy: unknown): DecisionResult {
  const limits = readPolicy(policy);
  return limits.ok ? decideUnder(context, limits.value) : rejectPolicy(limits);
}

/** Decides on a valid context under a valid policy. */
export function decideUnder(context: ValidatedContext, limits: CompiledPolicy): DecisionResult {
  const input = ruleInputOf(context, limits);
  return decidingCheck(input)?.decide(input) ?? ALLOWED;
}
