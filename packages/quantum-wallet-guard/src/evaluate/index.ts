/** The decision on one transaction, first match wins (QWG technical document, section 5.3; design, section 8). */
import type { CompiledPolicy } from "../policy/compile.js";
import type { DecisionResult } from "./decisions.js";
import { factsOf } from "../rules/rule-input.js";
import type { KnownContext } from "./validated-context.js";
import { knownOf, type ParsedContext, readContext } from "./parsed-context.js";
import { readPolicy } from "../policy/index.js";
import type { WalletPolicy } from "../policy/schema.js";
import { allowWhatPassed } from "../rules/allow-what-passed.js";
import { firstAgainst } from "../rules/checks.js";
import { refuseMalformed } from "../rules/reject-malformed.js";

/**
 * Decides on one transaction. Total and pure: it never throws, whatever it is given, and the same
 * input gives the same answer. Malformed input is a refusal that names the first offending field.
 *
 * @param context a `RiskContext`; nothing in it is coerced or defaulted
 * @param policy a `WalletPolicyInput`, or what `parsePolicy` returned (faster); default: the specification's
 * @example
 * evaluateTransaction({ ...context, sentinel_level: "critical" }).decision // "block"
 */
export function evaluateTransaction(context: unknown, policy?: unknown): DecisionResult {
  // [BLOCK] the context is malformed
  const read = readContext(context);
  if (!read.ok) return refuseMalformed("context", read);
  return decideKnown(read.value, policy);
}

/**
 * As `evaluateTransaction`, for a context that `parseContext` has read; anything else is malformed. Total and pure.
 *
 * @param context of `parseContext`
 * @param policy of `parsePolicy`; default: the specification's
 */
export function decide(context: ParsedContext, policy?: WalletPolicy): DecisionResult {
  // [BLOCK] parseContext did not make it
  const known = knownOf(context);
  if (known === undefined) return refuseMalformed("context", NOT_PARSED);
  return decideKnown(known, policy);
}

const NOT_PARSED = Object.freeze({
  path: "",
  offence: "parseContext did not make it. Give the context that parseContext returned.",
});

/** As `decide`, for a context that is known to be valid. */
export function decideKnown(known: KnownContext, policy: unknown): DecisionResult {
  // [BLOCK] the policy is malformed
  const limits = readPolicy(policy);
  return limits.ok ? decideUnder(known, limits.value) : refuseMalformed("policy", limits);
}

/** As `decide`, under a policy that is known to be valid. */
export function decideUnder(known: KnownContext, limits: CompiledPolicy): DecisionResult {
  const facts = factsOf(known, limits);
  const against = firstAgainst(facts);
  return against === undefined ? allowWhatPassed() : against.decide(facts);
}
