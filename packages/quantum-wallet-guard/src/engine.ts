/** The decision engine: one policy, hashed decisions, events (QWG whitepaper, section 5). */
import type { EventSink, JsonObject, JsonValue } from "@dgb-shield/contract";
import type { HashedResult } from "./evaluate/decisions.js";
import { QwgError } from "./errors.js";
import { decideKnown } from "./evaluate/index.js";
import { emitSafely, type PersonalData, personalData, toEvent } from "./events.js";
import { addHash, addKnownHash } from "./hash.js";
import { frozen } from "./internal/frozen.js";
import { type KnownContext, plainContext } from "./evaluate/validated-context.js";
import { readOptions } from "./internal/options.js";
import { readContext } from "./evaluate/parsed-context.js";
import { parsePolicy, policyVersion } from "./policy/index.js";
import type { WalletPolicyInput } from "./policy/schema.js";
import type { QwgDecisionRecord } from "./recorded-decision.js";
import { refuseMalformed } from "./rules/reject-malformed.js";

/** What an engine is made of. An unknown option is refused. */
export type DecisionEngineOptions = Readonly<{
  /** Default: the specification's. */
  policy?: WalletPolicyInput | undefined;
  /** Where `evaluate` sends an event of every decision but allow; it cannot change one. */
  events?: EventSink | undefined;
  /** Whether those events carry who pays, from where and how much. Default: `"withheld"`. */
  personal_data?: PersonalData | undefined;
}>;

/** A decision engine. It keeps no decision: each call judges what it is given. */
export type DecisionEngine = Readonly<{
  /**
   * Decides as `evaluateTransaction`, with the hash of what was judged, and emits at once. For a caller
   * without a transaction of its own. Never throws.
   */
  evaluate(context: unknown): HashedResult;
  /**
   * Decides without any event, and returns the record to store. A caller that decides inside a transaction
   * makes the event of it with `eventOf`, after its commit. Never throws.
   */
  decide(context: unknown): QwgDecisionRecord;
  /** Canonical hash of the complete policy. */
  policy_version: string;
}>;

/**
 * Makes an engine for one policy.
 *
 * @throws QwgError `invalid_policy` with the path of the first offending field; `invalid_options`
 * @example createDecisionEngine({ policy: POLICY_PRESETS.exchange_hot_wallet })
 */
export function createDecisionEngine(options: DecisionEngineOptions = {}): DecisionEngine {
  const own = readOptions(options, ["policy", "events", "personal_data"]);
  const policy = parsePolicy(own.policy);
  const policy_version = policyVersion(policy);
  const personal_data = personalData(own.personal_data);
  const events = checkedSink(own.events);
  let attempts = 0;

  const judge = (input: unknown): Judged => {
    const read = readContext(input);
    if (!read.ok) {
      const refusal = refuseMalformed("context", read);
      return { ...addHash(refusal, read.plain, policy_version), known: undefined };
    }
    const { value: known } = read;
    const result = decideKnown(known, policy);
    return { result: addKnownHash({ context: known.fields, policy_version, result }), known };
  };

  return Object.freeze({
    policy_version,
    evaluate(input: unknown): HashedResult {
      const { result, known } = judge(input);
      if (events !== undefined && result.decision !== "allow") {
        attempts++;
        const occurrence = { result, policy_version, known };
        emitSafely(events, toEvent(occurrence, { attempt: attempts, personal_data }));
      }
      return result;
    },
    decide(input: unknown): QwgDecisionRecord {
      const { result, known, context = null } = judge(input);
      const judged = known === undefined ? context : (plainContext(known.fields) as JsonObject);
      return frozen({ context: judged, policy_version, result });
    },
  });
}

type Judged = Readonly<{
  result: HashedResult;
  known: KnownContext | undefined;
  /** Of a malformed one. */
  context?: JsonValue;
}>;

function checkedSink(sink: unknown): EventSink | undefined {
  if (sink === undefined || isSink(sink)) return sink;
  throw new QwgError("invalid_options", "/events", "give an object with a function emit");
}

const isSink = (value: unknown): value is EventSink =>
  typeof value === "object" &&
  value !== null &&
  "emit" in value &&
  typeof value.emit === "function";
