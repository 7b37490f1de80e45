/** Runs the caller's finalize hook on a decision, inside the ledger's transaction (design: layer 4, `finalize`). */
import { canonicalize, type GuardianDecision, type JsonObject } from "@dgb-shield/contract";
import type { LedgerSnapshot } from "../ports.js";
import { isAccessor, isPlainObject, ownValue, omit } from "../internal/own.js";

/** What the ledger shows a hook under its locks. */
export type FinalizeFacts = Readonly<{
  /** Number of the evidence that is current for all processes on the ledger; absent where the ledger knows none. */
  evidence_generation?: number;
  /**
   * How long the account (or the wallet, where there is none) has known the destinations, in milliseconds: the youngest of the payment
   * counts, and one that is new, or none at all, is 0. Absent where the ledger keeps no destinations, or nothing was evaluated.
   */
  destination_age_ms?: number;
  /** How usual the payment is for its accounts: 1 or more. Absent where behaviour is not judged, or nothing was evaluated. */
  behaviour_score?: number;
}>;

/**
 * The finalize hook: pure, synchronous, called inside the transaction, for every decision.
 *
 * @param facts what the ledger shows under its locks
 * @returns `allow`: false turns an ALLOW into no permission; no value turns another decision into an ALLOW;
 * `record`: plain JSON, stored in the same transaction
 */
export type Finalize = (
  decision: GuardianDecision,
  facts: FinalizeFacts,
) => Readonly<{ allow: boolean; record: JsonObject }>;

/** A hook that knows what the ledger shows. */
export type BoundFinalize = (
  decision: GuardianDecision,
) => Readonly<{ allow: boolean; record: JsonObject }>;

/**
 * Gives a hook what a snapshot shows.
 *
 * @param shown what was found out of the snapshot for this request
 */
export const bindFinalize = (
  finalize: Finalize | undefined,
  { evidence_generation }: Pick<LedgerSnapshot, "evidence_generation">,
  shown: Omit<FinalizeFacts, "evidence_generation"> = {},
): BoundFinalize | undefined =>
  finalize === undefined
    ? undefined
    : (decision) =>
        finalize(
          decision,
          Object.freeze({
            ...shown,
            ...(evidence_generation === undefined ? {} : { evidence_generation }),
          }),
        );

/** The `finalize` of a call's options, or why it cannot be read. */
export type FinalizeOption = Readonly<{ finalize: Finalize | undefined; fault: string | null }>;

/**
 * Reads the options of `evaluate`: own data properties of a plain object, so that no hook is
 * missed and no accessor runs.
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

/** A decision after the finalize hook has run. */
export type Finalized = Readonly<{
  decision: GuardianDecision;
  /** Guardian and the hook both allow. */
  final: boolean;
  record: JsonObject | null;
  /** Canonical text of the record, to append. */
  json: string | null;
}>;

/** Runs the hook; without one Guardian's decision is final. */
export function applyFinalize(
  decision: GuardianDecision,
  finalize: BoundFinalize | undefined,
): Finalized {
  const allows = decision.decision === "ALLOW";
  if (finalize === undefined) return { decision, final: allows, record: null, json: null };
  try {
    // A decision is plain JSON: this copy, the hook's own, is three times as fast as a structured clone.
    const result: unknown = finalize(JSON.parse(JSON.stringify(decision)) as GuardianDecision);
    if (typeof result !== "object" || result === null) return failed(decision);
    ignoreRejection(result);
    const [allow, record] = [ownValue(result, "allow"), ownValue(result, "record") as JsonObject];
    const json = canonicalize(record);
    if (typeof allow !== "boolean" || !json.startsWith("{")) return failed(decision);
    return { decision, final: allows && allow, record: JSON.parse(json) as JsonObject, json };
  } catch {
    return failed(decision);
  }
}

/** Handles the rejection of a promise, which is no result: unhandled it would end the process. */
function ignoreRejection(result: object): void {
  new Promise((resolve) => {
    resolve(result);
  }).catch(() => undefined);
}

function failed(decision: GuardianDecision): Finalized {
  // [REJECT finalize_failed] the hook threw, gave no plain {allow, record}, or cannot be read
  const rest = omit(decision, ["allowed_now", "valid_until_ms", "retry_after_ms"]);
  const codes = rest.reason_codes.filter((code) => code !== "within_limits");
  return {
    decision: { ...rest, decision: "REJECT", reason_codes: [...codes, "finalize_failed"] },
    final: false,
    record: null,
    json: null,
  };
}
