/** The decision engine: one policy, hashed decisions, events (QWG whitepaper, section 5). */
import type { EventSink, JsonValue } from "@dgb-shield/contract";
import { QwgError } from "./errors.js";
import type { HashedResult } from "./evaluate/decisions.js";
import { decideValidated } from "./evaluate/index.js";
import { readContext } from "./evaluate/parsed-context.js";
import { plainContext, type ValidatedContext } from "./evaluate/validated-context.js";
import { emitSafely, parsePersonalData, type PersonalData, toEvent } from "./events.js";
import { addHash } from "./hash.js";
import { frozen } from "./internal/frozen.js";
import { readOptions } from "./internal/options.js";
import { parsePolicy, policyVersion } from "./policy/index.js";
import type { WalletPolicyInput } from "./policy/schema.js";
import type { QwgDecisionRecord } from "./recorded-decision.js";
import { rejectContext } from "./rules/reject-malformed.js";

/** Options of an engine. An unknown option is rejected. */
export type DecisionEngineOptions = Readonly<{
  /** Default: the specification's. */
  policy?: WalletPolicyInput | undefined;
  /** Receives an event of every decision of `evaluate` but allow; it cannot change one. */
  events?: EventSink | undefined;
  /** Whether those events carry user, wallet and amounts. Default: `"withheld"`. */
  personalData?: PersonalData | undefined;
}>;

/** A decision engine. It keeps no decision: each call decides on its own input. */
export type DecisionEngine = Readonly<{
  /**
   * Decides as `evaluateTransaction`, adds the hash of context, policy and outcome, and emits at once. For a
   * caller without a transaction of its own. Never throws.
   */
  evaluate(context: unknown): HashedResult;
  /**
   * Decides without any event, and returns the record to store. A caller that decides inside a transaction
   * makes its event with `eventOf`, after the commit. Never throws.
   */
  decide(context: unknown): QwgDecisionRecord;
  /** Canonical hash of the complete policy. */
  policy_version: string;
}>;

/** A decision, the context that its hash covers, and the same context validated; undefined where it was malformed. */
type Decided = Readonly<{
  result: HashedResult;
  context: JsonValue;
  validated: ValidatedContext | undefined;
}>;

/**
 * Makes an engine for one policy.
 *
 * @param options policy, event sink, and whether events carry personal data
 * @returns the engine, frozen
 * @throws QwgError `invalid_policy` with the path of the first offending field; `invalid_options`
 * @example createDecisionEngine({ policy: POLICY_PRESETS.exchange_hot_wallet })
 */
export function createDecisionEngine(options: DecisionEngineOptions = {}): DecisionEngine {
  const own = readOptions(options, ["policy", "events", "personalData"]);
  const policy = parsePolicy(own.policy);
  const policy_version = policyVersion(policy);
  const personalData = parsePersonalData(own.personalData);
  const events = checkedSink(own.events);
  let attempts = 0;

  const decideHashed = (input: unknown): Decided => {
    const read = readContext(input);
    const validated = read.ok ? read.value : undefined;
    const plain = read.ok ? plainContext(read.value.fields) : read.plain;
    const result = read.ok ? decideValidated(read.value, policy) : rejectContext(read);
    return { ...addHash(result, plain, policy_version), validated };
  };

  return Object.freeze({
    policy_version,
    evaluate(input: unknown): HashedResult {
      const { result, validated } = decideHashed(input);
      if (events !== undefined && result.decision !== "allow") {
        attempts++;
        const occurrence = { result, policy_version, validated };
        emitSafely(events, toEvent(occurrence, { attempt: attempts, personalData }));
      }
      return result;
    },
    decide(input: unknown): QwgDecisionRecord {
      const { result, context } = decideHashed(input);
      return frozen({ context, policy_version, result });
    },
  });
}

function checkedSink(sink: unknown): EventSink | undefined {
  if (sink === undefined || isSink(sink)) return sink;
  throw new QwgError("invalid_options", "/events", "give an object with a function emit");
}

const isSink = (value: unknown): value is EventSink =>
  typeof value === "object" &&
  value !== null &&
  "emit" in value &&
  typeof value.emit === "function";
