/**
 * Decides a recorded request again on a ledger without a history. Rules that look at nothing else must give the same
 * codes, and what no history at all permits cannot have been an ALLOW. What windows, freezes and known destinations made of it
 * follows from the records before, and is not computed again.
 */
import type { StoredWithdrawalRecord } from "@dgb-shield/contract";
import type { Guardian, WithdrawalRequest } from "@dgb-shield/wallet-guardian";

/** Codes of rules that look at request and policy alone. */
const OF_REQUEST = [
  "invalid_withdrawal",
  "invalid_risk",
  "destination_unreadable",
  "destination_denied",
  "fee_limit",
  "per_tx_limit",
] as const;

/** Codes with which nothing was evaluated. */
const NOT_EVALUATED = [
  "clock_untrusted",
  "policy_outdated",
  "ledger_busy",
  "ledger_unavailable",
  "finalize_failed",
] as const;

/** Codes of an id that is rejected: it is compared with no limit. */
const REJECTED_ID = [
  "content_changed",
  "already_committed",
  "in_other_payment",
  "claim_unsettled",
] as const;

/** Codes that only an empty history gives. */
const OF_NO_HISTORY: ReadonlySet<string> = new Set(["new_destination", "destination_lookalike"]);

/** What differs, and by which version it was decided where that is another one. */
export type GuardianRecheck = Readonly<{ difference: string | null; version: string | null }>;

/** Compares a recorded decision with what the guardian decides on a ledger without a history. */
export async function guardianDifference(
  guardian: Guardian,
  record: StoredWithdrawalRecord,
): Promise<GuardianRecheck> {
  const was = record.guardian;
  const again = await guardian.evaluate(
    record.withdrawal as unknown as WithdrawalRequest,
    was.risk ?? record.inputs.guardian_risk,
  );
  const version = `${was.policy_version} by rules ${was.rules_version}`;
  const own = `${again.policy_version} by rules ${again.rules_version}`;
  if (version !== own) return { difference: null, version };
  const codes: ReadonlySet<string> = new Set(was.reason_codes);
  const computed: ReadonlySet<string> = new Set(again.reason_codes);
  if (NOT_EVALUATED.some((code) => codes.has(code) || computed.has(code)))
    return { difference: null, version: null };
  return { difference: differenceOf(codes, was.decision, again), version: null };
}

type Decided = Readonly<{ decision: string; reason_codes: readonly string[] }>;

function differenceOf(codes: ReadonlySet<string>, decision: string, again: Decided): string | null {
  const computed: ReadonlySet<string> = new Set(again.reason_codes);
  const isRejectedId = REJECTED_ID.some((code) => codes.has(code));
  const wrong = OF_REQUEST.find(
    (code) => codes.has(code) !== computed.has(code) && !(isRejectedId && code === "per_tx_limit"),
  );
  if (wrong !== undefined) return `${wrong} is ${codes.has(wrong) ? "recorded" : "computed"} alone`;
  const forbids = again.reason_codes.filter((code) => !OF_NO_HISTORY.has(code));
  const isPossible = again.decision === "ALLOW" || forbids.length === 0;
  return decision === "ALLOW" && !isPossible
    ? `an ALLOW is recorded where even an empty history gives ${again.decision} (${forbids.join(", ")})`
    : null;
}
