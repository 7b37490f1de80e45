/** The decision on one transaction, first match wins (QWG technical document, section 5.3; design: layer 5). */
import type { DecisionResult } from "./decisions.js";
import { factsOf, type Rule } from "./facts.js";
import { readPlain } from "./internal/plain.js";
import { readPolicy } from "./policy.js";
import { readContext, type RiskContext } from "./risk-context.js";
import { allowWhatPassed } from "./rules/allow-what-passed.js";
import { blockBalanceWipe } from "./rules/block-balance-wipe.js";
import { blockCriticalRisk } from "./rules/block-critical-risk.js";
import { delayAboveMaxRisk } from "./rules/delay-above-max-risk.js";
import { limitRatio } from "./rules/limit-ratio.js";
import { refuseMalformed } from "./rules/refuse-malformed.js";
import { requireExtraAuth } from "./rules/require-extra-auth.js";
import { warnOnBehaviour } from "./rules/warn-on-behaviour.js";

/** Rules 1 to 6, in order. Rules 1 to 3 are never waived by an approval. */
const RULES: readonly Rule[] = [
  blockCriticalRisk,
  delayAboveMaxRisk,
  blockBalanceWipe,
  requireExtraAuth,
  limitRatio,
  warnOnBehaviour,
];

/** A decision and what was read to make it. */
export type Evaluation = Readonly<{
  result: DecisionResult;
  /** The private copy that was judged; null where the context is not plain data. */
  plain: unknown;
  /** The context, where it is valid. */
  context?: RiskContext;
}>;

/**
 * Decides on one transaction. Total and pure: it never throws, whatever it is given, and the same
 * input gives the same answer. Malformed input is a refusal that names the first offending field.
 *
 * @param context a `RiskContext`; nothing in it is coerced or defaulted
 * @param policy a `WalletPolicyInput`, or what `parsePolicy` returned (faster); default: the specification's
 * @example
 * evaluateTransaction({ ...context, sentinel_level: "critical" }).decision // "block"
 */
export const evaluateTransaction = (context: unknown, policy?: unknown): DecisionResult =>
  evaluate(context, policy).result;

/** As `evaluateTransaction`, with what was read. */
export function evaluate(context: unknown, policy?: unknown): Evaluation {
  // [BLOCK] the context is not plain data
  const copied = readPlain(context);
  if (!copied.ok) return { plain: null, result: refuseMalformed("context", copied.path) };
  const plain = copied.value;
  // [BLOCK] the context is malformed
  const read = readContext(plain);
  if (!read.ok) return { plain, result: refuseMalformed("context", read.path) };
  // [BLOCK] the policy is malformed
  const limits = readPolicy(policy);
  if (!limits.ok) {
    return { plain, context: read.value, result: refuseMalformed("policy", limits.path) };
  }
  const facts = factsOf(read.value, limits.value);
  for (const rule of RULES) {
    const result = rule(facts);
    if (result !== undefined) return { plain, context: read.value, result };
  }
  return { plain, context: read.value, result: allowWhatPassed() };
}
