/** Hashes decisions: a changed context, policy or outcome changes the hash (contract v3, section 6). */
import { canonicalHash, copyUntrusted, type JsonValue } from "@dgb-shield/contract";
import type { DecisionResult, HashedResult } from "./evaluate/decisions.js";
import { CONTEXT_BOUNDS } from "./evaluate/risk-context.js";
import { readPolicy } from "./policy/index.js";

/** A result with its hash, and the context that the hash covers. */
export type Hashed = Readonly<{ result: HashedResult; context: JsonValue }>;

/**
 * Adds `context_hash`, the canonical hash of `{context, policy_version, result}`. A context that is
 * not plain data counts as null there, and so does the version of a malformed policy.
 *
 * @param result of `evaluateTransaction`
 * @param context the context of that call
 * @param policy the policy of that call; default: the specification's
 * @returns the result with its hash, frozen
 * @throws ContractError where the result is not plain data
 * @example withHash(evaluateTransaction(context), context).context_hash.length // 64
 */
export function withHash(result: DecisionResult, context: unknown, policy?: unknown): HashedResult {
  const copied = copyUntrusted(context, CONTEXT_BOUNDS);
  const limits = readPolicy(policy);
  const policy_version = limits.ok ? canonicalHash(limits.value.policy) : null;
  return addHash(result, copied.ok ? copied.value : null, policy_version).result;
}

/** As `withHash`, for a plain context and a known version; a context without a canonical form counts as null. */
export function addHash(
  result: DecisionResult,
  plain: unknown,
  policy_version: string | null,
): Hashed {
  const whole = hashOf({ context: plain, policy_version, result });
  const context_hash = whole ?? canonicalHash({ context: null, policy_version, result });
  return {
    result: Object.freeze({ ...result, context_hash }),
    // What has a canonical form is JSON.
    context: whole === undefined ? null : (plain as JsonValue),
  };
}

function hashOf(content: unknown): string | undefined {
  try {
    return canonicalHash(content);
  } catch {
    return undefined;
  }
}
