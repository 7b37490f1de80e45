/** One evaluation inside the ledger's transaction: pure, from a snapshot to an answer and writes (Wallet Guardian v2, section 4.1). */
import { type GuardianDecision, GUARDIAN_RISKS, type ShieldEvent } from "@dgb-shield/contract";
import { answerOf, type GuardianAnswer, readAnswer, writeAnswer } from "./answer.js";
import { RULES_VERSION } from "./draft.js";
import { eventsOfRuling } from "./events.js";
import { applyFinalize, type Finalize, type Finalized } from "./finalize.js";
import type { LedgerStep, LedgerWrites, StoredWithdrawal } from "./ports.js";
import { type Case, type RefusedId, rule, type Ruling } from "./ruling.js";

/** What one evaluation comes to. */
export type Evaluated = Readonly<{ answer: GuardianAnswer; events: readonly ShieldEvent[] }>;

/** Decides on a request: a repeated id first, then the rules, then the caller's last word. */
export function decide(given: Case, finalize: Finalize | undefined): LedgerStep<Evaluated> {
  const earlier = given.snapshot.withdrawal;
  if (earlier === null) return decideAfresh(given, finalize);
  const refused = refuseRepeated(given.request, earlier);
  if (refused !== null) return decideAfresh({ ...given, refused }, finalize);
  const standing = standingAnswer(given, earlier);
  const isLastWord = finalize === undefined || standing?.record !== undefined;
  if (standing !== null && isLastWord)
    return { result: { answer: standing, events: [] }, writes: null };
  return decideAfresh(given, finalize);
}

/** A refusal that changes no counter; its record is stored all the same. */
export function recordRefusal(
  refusal: GuardianDecision,
  finalize: Finalize | undefined,
): LedgerStep<Evaluated> {
  const last = applyFinalize(refusal, finalize);
  return {
    result: { answer: answerOf(last.decision, last.record, { final: false }), events: [] },
    writes: recordOf(last),
  };
}

function refuseRepeated(
  { withdrawal }: Case["request"],
  earlier: StoredWithdrawal,
): RefusedId | null {
  // [REJECT] the id stands for something else
  if (earlier.content_hash !== withdrawal.content_hash) {
    return { code: "content_changed", txid: null };
  }
  // [REJECT] the id was paid
  if (earlier.status === "committed") return { code: "already_committed", txid: earlier.txid };
  return null;
}

/** The ALLOW in force: still valid, nothing frozen, risk no higher, made by this policy and these rules. */
function standingAnswer(
  { compiled, request, snapshot }: Case,
  earlier: StoredWithdrawal,
): GuardianAnswer | null {
  const answer = earlier.status === "reserved" ? readAnswer(earlier.answer) : null;
  const stands =
    answer?.valid_until_ms !== undefined &&
    snapshot.now_ms < answer.valid_until_ms &&
    snapshot.scopes.every(({ frozen_by }) => frozen_by.length === 0) &&
    answer.risk !== null &&
    GUARDIAN_RISKS.indexOf(request.risk) <= GUARDIAN_RISKS.indexOf(answer.risk) &&
    answer.policy_version === compiled.version &&
    answer.rules_version === RULES_VERSION;
  return stands ? answer : null;
}

function decideAfresh(given: Case, finalize: Finalize | undefined): LedgerStep<Evaluated> {
  const ruling = rule(given);
  const last = applyFinalize(ruling.decision, finalize);
  const { decision, final, record } = last;
  const isRefusedId = given.refused !== undefined;
  return {
    result: {
      answer: answerOf(decision, record, { final }),
      events: eventsOfRuling({ ...ruling, decision }, given.request.withdrawal),
    },
    writes: {
      ...(isRefusedId ? {} : { withdrawal: nextWithdrawal(given, ruling, last) }),
      lifts: ruling.lifts,
      freezes: ruling.freezes,
      new_series: ruling.new_series,
      attempts: ruling.attempts,
      ...recordOf(last),
    },
  };
}

/** The row after this decision. A reservation is kept, never doubled; only a final ALLOW makes one. */
function nextWithdrawal({ request, snapshot }: Case, ruling: Ruling, last: Finalized) {
  const earlier = snapshot.withdrawal ?? newWithdrawal(request.withdrawal);
  const { now_ms } = snapshot;
  if (last.final) {
    const answer = writeAnswer(last.decision, last.record);
    const times = { counted_at_ms: now_ms, allowed_at_ms: now_ms };
    return { ...earlier, status: "reserved", counts: "allowed", ...times, answer } as const;
  }
  const kept = { ...earlier, answer: null };
  const asks = earlier.status !== "reserved" && ruling.decision.decision === "DELAY";
  return asks ? ({ ...kept, counts: "asked", counted_at_ms: now_ms } as const) : kept;
}

function newWithdrawal(withdrawal: Case["request"]["withdrawal"]): StoredWithdrawal {
  const { withdrawal_id, wallet_id, account_id, amount, content_hash } = withdrawal;
  return {
    withdrawal_id,
    wallet_id,
    account_id,
    amount,
    content_hash,
    status: "open",
    counts: "nothing",
    counted_at_ms: null,
    allowed_at_ms: null,
    txid: null,
    answer: null,
  };
}

const recordOf = ({ json }: Finalized): LedgerWrites =>
  json === null ? {} : { record: { kind: "decision", json } };
