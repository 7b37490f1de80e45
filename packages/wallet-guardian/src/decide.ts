/** One evaluation inside the ledger's transaction: pure, from a snapshot to an answer and writes (Wallet Guardian v2, section 4.1). */
import { GUARDIAN_RISKS, type ShieldEvent } from "@dgb-shield/contract";
import {
  answerOf,
  type GuardianAnswer,
  readAnswer,
  type StoredAnswer,
  writeAnswer,
} from "./answer.js";
import { type Refusal, RULES_VERSION } from "./draft.js";
import { eventsOfRuling, revokedEvent } from "./events.js";
import { applyFinalize, type Finalize, type Finalized } from "./finalize.js";
import { omit } from "./internal/omit.js";
import type { LedgerStep, LedgerWrites, StoredWithdrawal } from "./ports.js";
import { type Case, type RefusedId, rule, type Ruling } from "./ruling.js";

/** What one evaluation comes to. */
export type Evaluated = Readonly<{ answer: GuardianAnswer; events: readonly ShieldEvent[] }>;

/** Decides on a request: a repeated id first, then the rules, then the finalize hook. */
export function decide(
  asked: Omit<Case, "refused">,
  finalize: Finalize | undefined,
): LedgerStep<Evaluated> {
  const given: Case = { ...asked, refused: null };
  const earlier = given.snapshot.withdrawal;
  if (earlier === null) return decideAfresh(given, finalize);
  const refused = refuseRepeated(given.request, earlier);
  if (refused !== null) return decideAfresh({ ...given, refused }, finalize);
  const standing = standingAnswer(given, earlier);
  if (standing === null) return decideAfresh(given, finalize);
  return decideAgain(given, { earlier, standing }, finalize);
}

/** A refusal that changes no counter and no time; its record is stored all the same. */
export function recordRefusal(
  refused: Refusal,
  finalize: Finalize | undefined,
): LedgerStep<Evaluated> {
  const detail = Object.hasOwn(refused, "detail") ? refused.detail : undefined;
  const refusal = omit(refused, ["detail"]);
  const last = applyFinalize(refusal, finalize);
  const answer = answerOf(last.decision, last.record, { final: false });
  const { decided_at_ms: now_ms } = refusal;
  return {
    result: { answer: detail === undefined ? answer : { ...answer, detail }, events: [] },
    writes: last.json === null ? null : { ...recordOf(last), now_ms, keep_times: true },
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

/** The ALLOW in force: still valid by the true clock, nothing frozen, risk no higher, made by this policy and these rules. */
function standingAnswer(given: Case, earlier: StoredWithdrawal): StoredAnswer | null {
  const { compiled, request, snapshot, clockMs } = given;
  const stored = earlier.status === "reserved" ? readAnswer(earlier.answer) : null;
  if (stored === null) return null;
  const { valid_until_ms: until, risk, policy_version, rules_version } = stored.decision;
  const { allow_valid_seconds, max_clock_jump_ms } = compiled.policy;
  const stands =
    until !== undefined &&
    clockMs < until &&
    // No ALLOW is valid for longer than the policy has it, whatever clock dated it.
    until - clockMs <= allow_valid_seconds * 1_000 + max_clock_jump_ms &&
    snapshot.scopes.every(({ frozen_by }) => frozen_by.length === 0) &&
    risk !== null &&
    GUARDIAN_RISKS.indexOf(request.risk) <= GUARDIAN_RISKS.indexOf(risk) &&
    policy_version === compiled.version &&
    rules_version === RULES_VERSION;
  return stands ? stored : null;
}

type Again = Readonly<{ earlier: StoredWithdrawal; standing: StoredAnswer }>;

/**
 * Gives the ALLOW in force once more, where the finalize hook still agrees. Where it does not, the ALLOW
 * is taken back as far as that is possible: the reservation counts on, and its validity has ended.
 */
function decideAgain(
  given: Case,
  { earlier, standing }: Again,
  finalize: Finalize | undefined,
): LedgerStep<Evaluated> {
  const { clockMs } = given;
  if (finalize === undefined) {
    return { result: { answer: repeat(standing, clockMs), events: [] }, writes: null };
  }
  const last = applyFinalize(standing.decision, finalize);
  const { decision, final, record } = last;
  if (!final) {
    return {
      result: {
        answer: answerOf(decision, record, { final }),
        events: [revokedEvent(given.request.withdrawal, decision, clockMs)],
      },
      writes: { withdrawal: { ...earlier, answer: null }, ...recordOf(last) },
    };
  }
  const again = { decision, record };
  return {
    result: { answer: repeat(again, clockMs), events: [] },
    writes: {
      withdrawal: { ...earlier, answer: writeAnswer(decision, record) },
      ...recordOf(last),
    },
  };
}

const repeat = ({ decision, record }: StoredAnswer, clockMs: number): GuardianAnswer => ({
  ...answerOf(decision, record, { final: true, clockMs }),
  repeated: true,
});

function decideAfresh(given: Case, finalize: Finalize | undefined): LedgerStep<Evaluated> {
  const ruling = rule(given);
  const last = applyFinalize(ruling.decision, finalize);
  const { decision, final, record } = last;
  const isRefusedId = given.refused !== null;
  return {
    result: {
      answer: answerOf(decision, record, { final, clockMs: given.clockMs }),
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
