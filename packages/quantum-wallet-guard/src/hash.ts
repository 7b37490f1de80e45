/** Hashes of decisions: a changed context, policy or outcome changes the hash (contract v3, section 6). */
import { canonicalHash, sha256Hex } from "@dgb-shield/contract";
import type { DecisionResult, HashedResult } from "./decisions.js";
import { canonicalDecision, type Decision } from "./internal/canonical-decision.js";
import { readPlain } from "./internal/plain.js";
import { readPolicy } from "./policy.js";

/**
 * Adds `context_hash`, the canonical hash of `{context, policy_version, result}`. A context that is
 * not plain data counts as null there, and so does the version of a malformed policy.
 *
 * @param result what `evaluateTransaction` answered
 * @param context what it was asked
 * @param policy the policy it was asked under; default: the specification's
 */
export function withHash(result: DecisionResult, context: unknown, policy?: unknown): HashedResult {
  const copied = readPlain(context);
  const limits = readPolicy(policy);
  const policy_version = limits.ok ? canonicalHash(limits.value.policy) : null;
  return addHash(result, copied.ok ? copied.value : null, policy_version);
}

/** As `withHash`, for a plain context and a known version. */
export function addHash(
  result: DecisionResult,
  plain: unknown,
  policy_version: string | null,
): HashedResult {
  const context_hash =
    hashOf({ context: plain, policy_version, result }) ??
    canonicalHash({ context: null, policy_version, result });
  return Object.freeze({ ...result, context_hash });
}

/** As `addHash`, for a context that was read, and a result of this layer's own. */
export const addKnownHash = (decision: Decision): HashedResult =>
  Object.freeze({ ...decision.result, context_hash: sha256Hex(canonicalDecision(decision)) });

function hashOf(content: unknown): string | undefined {
  try {
    return canonicalHash(content);
  } catch {
    return undefined;
  }
}
