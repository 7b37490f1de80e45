/** The caller's last word on a decision, spoken inside the ledger's transaction (design: layer 4, `finalize`). */
import { canonicalize, type GuardianDecision, type JsonObject } from "@dgb-shield/contract";
import { omit } from "../internal/omit.js";
import { isAccessor, isPlainObject, ownValue } from "../internal/own.js";

/**
 * The caller's last word: pure, synchronous, called inside the transaction, for every decision.
 *
 * @returns `allow`: whether it agrees to an ALLOW, it cannot turn any other decision into one;
 * `record`: plain JSON, stored in the same transaction
 */
export type Finalize = (
  decision: GuardianDecision,
) => Readonly<{ allow: boolean; record: JsonObject }>;

/** The `finalize` of a call's options, or why it cannot be read. */
export type FinalizeOption = Readonly<{ finalize: Finalize | undefined; fault: string | null }>;

/**
 * Reads the options of `evaluate`: own data properties of a plain object, so that a hook is never
 * overlooked and no accessor runs.
 *
 * @param options of any form; undefined and null are no options
 * @returns the hook, or what is wrong and what to do; never throws
 */
export function readFinalize(options: unknown): FinalizeOption {
  if (options === undefined || options === null) return NO_HOOK;
  try {
    if (typeof options !== "object" || !isPlainObject(options))
      return unreadable("no plain object");
    const keys = Reflect.ownKeys(options);
    if (keys.some((key) => key !== "finalize")) return unreadable("an option that does not exist");
    if (keys.length === 0) return NO_HOOK;
    if (isAccessor(options, "finalize")) return unreadable("an accessor");
    const finalize = ownValue(options, "finalize");
    if (finalize === undefined) return NO_HOOK;
    return typeof finalize === "function"
      ? { finalize: finalize as Finalize, fault: null }
      : unreadable("a finalize that is no function");
  } catch {
    return unreadable("a proxy that threw");
  }
}

const NO_HOOK: FinalizeOption = Object.freeze({ finalize: undefined, fault: null });

const unreadable = (kind: string): FinalizeOption => ({
  finalize: undefined,
  fault: `options: ${kind}; give { finalize } with a synchronous function, or nothing`,
});

/** A decision that the caller has had its word on. */
export type Finalized = Readonly<{
  decision: GuardianDecision;
  /** Guardian and caller both allow. */
  final: boolean;
  record: JsonObject | null;
  /** Canonical text of the record, to append. */
  json: string | null;
}>;

/** Lets the caller speak; without a `finalize`, Guardian's word is the last. */
export function applyFinalize(
  decision: GuardianDecision,
  finalize: Finalize | undefined,
): Finalized {
  const allows = decision.decision === "ALLOW";
  if (finalize === undefined) return { decision, final: allows, record: null, json: null };
  try {
    const word: unknown = finalize(structuredClone(decision));
    if (typeof word !== "object" || word === null) return failed(decision);
    silence(word);
    const [allow, record] = [ownValue(word, "allow"), ownValue(word, "record") as JsonObject];
    const json = canonicalize(record);
    // [REJECT] the last word is no plain {allow, record}
    if (typeof allow !== "boolean" || !json.startsWith("{")) return failed(decision);
    return { decision, final: allows && allow, record: JSON.parse(json) as JsonObject, json };
  } catch {
    // [REJECT] the last word threw
    return failed(decision);
  }
}

/** A word that is a promise is none; one that fails would end the process as an unhandled rejection. */
function silence(word: object): void {
  new Promise((resolve) => {
    resolve(word);
  }).catch(() => undefined);
}

function failed(decision: GuardianDecision): Finalized {
  const rest = omit(decision, ["allowed_now", "valid_until_ms", "retry_after_ms"]);
  const spoken = rest.reason_codes.filter((code) => code !== "within_limits");
  return {
    decision: { ...rest, decision: "REJECT", reason_codes: [...spoken, "finalize_failed"] },
    final: false,
    record: null,
    json: null,
  };
}
