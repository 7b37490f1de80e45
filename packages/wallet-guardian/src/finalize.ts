/** The caller's last word on a decision, spoken inside the ledger's transaction (design: layer 4, `finalize`). */
import { canonicalize, type GuardianDecision, type JsonObject } from "@dgb-shield/contract";
import { omit } from "./internal/omit.js";

/**
 * The caller's last word: pure, synchronous, called inside the transaction, for every decision.
 *
 * @returns `allow`: whether it agrees to an ALLOW, it cannot turn any other decision into one;
 * `record`: plain JSON, stored in the same transaction
 */
export type Finalize = (
  decision: GuardianDecision,
) => Readonly<{ allow: boolean; record: JsonObject }>;

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
    const { allow, record } = finalize(structuredClone(decision));
    const json = canonicalize(record);
    // [REJECT] the last word is no plain {allow, record}
    if (typeof allow !== "boolean" || !json.startsWith("{")) return failed(decision);
    return { decision, final: allows && allow, record, json };
  } catch {
    // [REJECT] the last word threw
    return failed(decision);
  }
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
