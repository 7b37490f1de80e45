/** What becomes of a reservation: commit, replace, release (design: layer 4, repeated ids and late commits). */
import { canonicalize, type JsonObject, type ShieldEvent } from "@dgb-shield/contract";
import { readAnswer } from "./answer.js";
import { guardianEvent } from "./events.js";
import { type OperationResult, refuseOperation } from "./operation.js";
import type {
  LedgerSnapshot,
  LedgerStep,
  NewRecord,
  RecordKind,
  StoredWithdrawal,
} from "./ports.js";
import type { Time } from "./time.js";

/** What a call comes to. */
export type Settled = Readonly<{ result: OperationResult; events: readonly ShieldEvent[] }>;

/** What a step is taken on: the time is at least the clock's and the ledger's. */
export type Moment = LedgerSnapshot & Readonly<{ time: Time }>;

/** A step inside the ledger's transaction. */
export type Step = (moment: Moment) => LedgerStep<Settled>;

/**
 * Records that the withdrawal was paid. Money that moved without an ALLOW in force is recorded and
 * counted from now on, and reported: refusing to look would not bring it back.
 *
 * @returns accepted, with `late_commit` where no ALLOW was in force; refused with `txid_conflict`
 * where another transaction was committed before
 */
export const commitStep =
  (txid: string): Step =>
  ({ withdrawal, now_ms, time }) => {
    if (withdrawal === null) return unchanged(refuseOperation("unknown_withdrawal"));
    if (withdrawal.status === "committed") return commitAgain(withdrawal, { txid, now_ms });
    // An ALLOW is valid by the true clock; where none is trusted, by the ledger's time, which is later.
    const late = !isInForce(withdrawal, time.trusted ? time.nowMs : now_ms);
    const counted = { counts: "allowed", ...(late ? { counted_at_ms: now_ms } : {}) } as const;
    const next = { ...withdrawal, ...counted, status: "committed", txid, answer: null } as const;
    const facts = { withdrawal_id: withdrawal.withdrawal_id, txid, late, at_ms: now_ms };
    const event = guardianEvent("late_commit", `wallet:${withdrawal.wallet_id}`, {
      ...facts,
      status: withdrawal.status,
    });
    return {
      result: {
        result: accepted(next, late ? ["late_commit"] : []),
        events: late ? [event] : [],
      },
      writes: { withdrawal: next, record: record("commit", facts) },
    };
  };

/** Records that another transaction took the place of the committed one. */
export const replaceStep =
  (txid: string): Step =>
  ({ withdrawal, now_ms }) => {
    if (withdrawal === null) return unchanged(refuseOperation("unknown_withdrawal"));
    if (withdrawal.status !== "committed") return unchanged(refuseOperation("not_committed"));
    if (withdrawal.txid === txid) return unchanged(accepted(withdrawal, []));
    const next = { ...withdrawal, txid };
    const { withdrawal_id } = withdrawal;
    const facts = { withdrawal_id, txid, replaced: withdrawal.txid, at_ms: now_ms };
    return {
      result: { result: accepted(next, []), events: [] },
      writes: { withdrawal: next, record: record("replace", facts) },
    };
  };

/** Gives a reservation back. The cooldown that its ALLOW started goes on. */
export const releaseStep =
  (by: Readonly<{ operator?: string | undefined; reason: string }>): Step =>
  ({ withdrawal, now_ms }) => {
    if (withdrawal === null) return unchanged(refuseOperation("unknown_withdrawal"));
    if (withdrawal.status === "released") return unchanged(accepted(withdrawal, []));
    if (withdrawal.status === "committed") return unchanged(alreadyCommitted(withdrawal));
    if (withdrawal.status !== "reserved") return unchanged(refuseOperation("not_reserved"));
    const nothing = { counts: "nothing", counted_at_ms: null, answer: null } as const;
    const next = { ...withdrawal, ...nothing, status: "released" } as const;
    const facts = {
      withdrawal_id: withdrawal.withdrawal_id,
      operator: by.operator ?? null,
      reason: by.reason,
      at_ms: now_ms,
    };
    return {
      result: { result: accepted(next, []), events: [] },
      writes: { withdrawal: next, record: record("release", facts) },
    };
  };

/** A record of a call, to append. */
export const record = (kind: RecordKind, facts: JsonObject): NewRecord => ({
  kind,
  json: canonicalize({ record_version: 1, ...facts }),
});

function commitAgain(
  withdrawal: StoredWithdrawal,
  { txid, now_ms }: Readonly<{ txid: string; now_ms: number }>,
): LedgerStep<Settled> {
  if (withdrawal.txid === txid) return unchanged(accepted(withdrawal, []));
  const { withdrawal_id, wallet_id } = withdrawal;
  const facts = { withdrawal_id, txid, committed: withdrawal.txid, at_ms: now_ms };
  return {
    result: {
      result: { ...alreadyCommitted(withdrawal), reason_codes: ["txid_conflict"] },
      events: [guardianEvent("commit_conflict", `wallet:${wallet_id}`, facts)],
    },
    writes: null,
  };
}

function isInForce({ status, answer }: StoredWithdrawal, nowMs: number): boolean {
  const until = status === "reserved" ? readAnswer(answer)?.decision.valid_until_ms : undefined;
  return until !== undefined && nowMs < until;
}

function accepted(
  { status, txid }: StoredWithdrawal,
  reason_codes: OperationResult["reason_codes"],
): OperationResult {
  return { accepted: true, reason_codes, status, ...(txid === null ? {} : { txid }) };
}

const alreadyCommitted = (withdrawal: StoredWithdrawal): OperationResult => ({
  ...accepted(withdrawal, ["already_committed"]),
  accepted: false,
});

const unchanged = (result: OperationResult): LedgerStep<Settled> => ({
  result: { result, events: [] },
  writes: null,
});
