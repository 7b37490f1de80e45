/** The decision engine: one policy, hashed decisions, events (QWG whitepaper, section 5). */
import type { EventSink } from "@dgb-shield/contract";
import type { HashedResult } from "./decisions.js";
import { decideKnown } from "./evaluate.js";
import { emitSafely, toEvent } from "./events.js";
import { addHash, addKnownHash } from "./hash.js";
import { readContext } from "./parsed-context.js";
import { parsePolicy, policyVersion } from "./policy.js";
import type { WalletPolicyInput } from "./policy-schema.js";
import { refuseMalformed } from "./rules/refuse-malformed.js";

/** What an engine is made of. */
export type DecisionEngineOptions = Readonly<{
  /** Default: the specification's. */
  policy?: WalletPolicyInput | undefined;
  /** Where every decision but allow is told; it cannot change one. */
  events?: EventSink | undefined;
}>;

/** A decision engine. */
export type DecisionEngine = Readonly<{
  /** As `evaluateTransaction`, with the hash of what was judged. Never throws. */
  evaluate(context: unknown): HashedResult;
  /** Canonical hash of the complete policy. */
  policy_version: string;
}>;

/**
 * Makes an engine for one policy.
 *
 * @throws QwgError `invalid_policy` with the path of the first offending field
 * @example createDecisionEngine({ policy: POLICY_PRESETS.exchange_hot_wallet })
 */
export function createDecisionEngine(options: DecisionEngineOptions = {}): DecisionEngine {
  const policy = parsePolicy(options.policy);
  const policy_version = policyVersion(policy);
  const { events } = options;
  return Object.freeze({
    policy_version,
    evaluate(input: unknown): HashedResult {
      const read = readContext(input);
      const context = read.ok ? read.value.context : undefined;
      const result = read.ok
        ? addKnownHash({
            context: read.value.context,
            policy_version,
            result: decideKnown(read.value, policy),
          })
        : addHash(refuseMalformed("context", read.path), read.plain, policy_version);
      if (events !== undefined && result.decision !== "allow") {
        emitSafely(events, toEvent({ result, policy_version, context }));
      }
      return result;
    },
  });
}
