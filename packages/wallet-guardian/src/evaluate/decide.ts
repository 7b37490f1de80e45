/** Decides one evaluation inside the ledger's transaction: pure, from a snapshot to an answer and writes (Wallet Guardian v2, section 4.1). */
import { canonicalize, GUARDIAN_RISKS, type ShieldEvent } from "@dgb-shield/contract";
import { answerOf, type GuardianAnswer } from "./answer.js";
import { type Rejection, RULES_VERSION } from "./default-deny.js";
import { eventsOfRules, revokedEvent } from "../events.js";
import { applyFinalize, type BoundFinalize, type Finalized } from "./finalize.js";
import { isFrozen } from "./ended-freezes.js";
import { omit } from "../internal/own.js";
import type { LedgerStep, StoredWithdrawal } from "../ports.js";
import { decisionRecord, recordsOf } from "../records.js";
import {
  changedRows,
  countedUntil,
  isHeld,
  type PaymentRows,
  type RowChange,
  rowsOf,
  takenRows,
} from "../payment/rows.js";
import { type RulesInput, type RejectedId, applyRules, type RulesResult } from "./apply-rules.js";
import type { PaymentState, StoredAnswer } from "../payment/state.js";
import { destinationWrites } from "./track-destinations.js";

/** The answer of one evaluation and its events. */
export type Evaluated = Readonly<{ answer: GuardianAnswer; events: readonly ShieldEvent[] }>;

/** A request with the rows of its payment. */
type DecideInput = RulesInput & Readonly<{ payment: PaymentRows }>;

/** Decides on a request: a repeated id first, then the rules, then the finalize hook. */
export function decide(
  input: Omit<RulesInput, "rejected" | "waitUntilMs">,
  finalize: BoundFinalize | undefined,
): LedgerStep<Evaluated> {
  const payment = rowsOf(input.request.payment, input.snapshot.withdrawals);
  const given: DecideInput = {
    ...input,
    payment,
    rejected: null,
    waitUntilMs: waitOf(input, payment),
  };
  const rejected = rejectedId(given);
  if (rejected !== null) return decideAfresh({ ...given, rejected }, finalize);
  const standing = standingAnswer(given);
  if (standing !== null) return decideAgain(given, standing, finalize);
  // [REJECT claim_unsettled] it may have been signed: a second permission could pay it twice
  if (payment.head?.status === "claimed") {
    return decideAfresh({ ...given, rejected: { code: "claim_unsettled", txid: null } }, finalize);
  }
  return decideAfresh(given, finalize);
}

/** Records a rejection that changes no counter and no time. */
export function recordRejection(
  rejected: Rejection,
  finalize: BoundFinalize | undefined,
): LedgerStep<Evaluated> {
  const detail = Object.hasOwn(rejected, "detail") ? rejected.detail : undefined;
  const rejection = omit(rejected, ["detail"]);
  const finalized = applyFinalize(rejection, finalize);
  const answer = answerOf(finalized.decision, finalized.record, { final: false });
  const records = [decisionRecord(finalized, null)];
  return {
    result: { answer: detail === undefined ? answer : { ...answer, detail }, events: [] },
    writes: { records, now_ms: rejection.decided_at_ms, keep_times: true },
  };
}

function rejectedId({ payment, snapshot }: DecideInput): RejectedId | null {
  const { payment_id, content_hash, payouts } = payment;
  const stored = snapshot.withdrawals[0] ?? null;
  // [REJECT content_changed] an id stands for another content
  const isChanged = (row: StoredWithdrawal | null, hash: string | undefined) =>
    row !== null && row.content_hash !== hash;
  if (isChanged(stored, content_hash)) return { code: "content_changed", txid: null };
  if (payment.rows.some((row, index) => isChanged(row, payouts[index]?.content_hash))) {
    return { code: "content_changed", txid: null };
  }
  for (const row of [stored, ...payment.rows]) {
    if (row === null) continue;
    // [REJECT already_committed] the payment, or a payout in another payment, was paid
    if (row.status === "committed") return { code: "already_committed", txid: row.txid };
    // [REJECT in_other_payment] a payout may be signed in another payment
    if (row.payment_id !== payment_id && isHeld(row, snapshot.now_ms)) {
      return { code: "in_other_payment", txid: null };
    }
  }
  return null;
}

/** Computes when the payment may be reserved again: at once after the first lapse, then after a pause that doubles. */
function waitOf(
  { compiled, snapshot }: Pick<RulesInput, "compiled" | "snapshot">,
  payment: PaymentRows,
): number {
  return lapsed(compiled.policy.allow_valid_seconds, snapshot.now_ms, payment).wait_until_ms;
}

const LONGEST_PAUSE_MS = 3_600_000;
const MAX_DOUBLINGS = 12;

/** Counts the lapses of a payment, with its present reservation where that has lapsed. */
function lapsed(
  validSeconds: number,
  nowMs: number,
  payment: PaymentRows,
): Pick<PaymentState, "lapses" | "wait_until_ms"> {
  const { head, state } = payment;
  const until = countedUntil(payment);
  if (head?.status !== "reserved" || until === null || nowMs < until) return state;
  const lapses = state.lapses + 1;
  const pause = validSeconds * 1_000 * 2 ** Math.min(lapses - 2, MAX_DOUBLINGS);
  return {
    lapses,
    wait_until_ms: lapses === 1 ? 0 : until + Math.min(LONGEST_PAUSE_MS, pause),
  };
}

/** Finds the ALLOW in force: still valid by the true clock, nothing frozen, risk no higher, made by this policy and these rules. */
function standingAnswer(given: DecideInput): StoredAnswer | null {
  const { payment, snapshot, clockMs } = given;
  const { head, state } = payment;
  const stored = state.answer;
  if (head === null || stored === null) return null;
  // A payout that has moved on takes the whole payment out of force.
  if (payment.rows.some((row) => row?.payment_id !== payment.payment_id)) return null;
  const isHeldNow = head.status === "claimed" || isReserved(payment, snapshot.now_ms);
  return isHeldNow && isInForce(given, stored, clockMs) ? stored : null;
}

/** Checks whether a payment is reserved, and its reservation has not lapsed. */
export function isReserved(payment: PaymentRows, nowMs: number): boolean {
  const until = countedUntil(payment);
  return payment.head?.status === "reserved" && until !== null && nowMs < until;
}

/** Checks whether a stored ALLOW is in force by the clock, the risk, the freezes, the policy and the rules. */
export function isInForce(
  given: Pick<RulesInput, "compiled" | "snapshot"> &
    Readonly<{ request: Readonly<{ risk: RulesInput["request"]["risk"] }> }>,
  { decision }: StoredAnswer,
  clockMs: number,
): boolean {
  const { valid_until_ms: until } = decision;
  const { allow_valid_seconds, max_clock_jump_ms } = given.compiled.policy;
  return (
    until !== undefined &&
    clockMs < until &&
    // Bounds an ALLOW that was dated by another clock by the policy's validity.
    until - clockMs <= allow_valid_seconds * 1_000 + max_clock_jump_ms &&
    !isFrozen(given.compiled.policy, given.snapshot) &&
    isOfTheseRules(given, decision)
  );
}

/** Checks whether an ALLOW was made at this risk or a higher one, by this policy and these rules. */
export const isOfTheseRules = (
  {
    compiled,
    request,
  }: Pick<RulesInput, "compiled"> &
    Readonly<{ request: Readonly<{ risk: RulesInput["request"]["risk"] }> }>,
  { risk, policy_version, rules_version }: StoredAnswer["decision"],
): boolean =>
  risk !== null &&
  GUARDIAN_RISKS.indexOf(request.risk.level) <= GUARDIAN_RISKS.indexOf(risk) &&
  policy_version === compiled.version &&
  rules_version === RULES_VERSION;

/**
 * Repeats the ALLOW in force where the finalize hook still allows. Otherwise the ALLOW is revoked:
 * a reservation ends, and a claimed payment still counts, since it may have been signed.
 */
function decideAgain(
  given: DecideInput,
  standing: StoredAnswer,
  finalize: BoundFinalize | undefined,
): LedgerStep<Evaluated> {
  const { clockMs, payment } = given;
  const finalized = applyFinalize(standing.decision, finalize);
  const { decision, final, record } = finalized;
  const answer = final ? { decision, record } : null;
  const events = final ? [] : [revokedEvent(payment, decision, clockMs)];
  const records = recordsOf(decisionRecord(finalized, payment), events);
  if (final) {
    const same = { decision, record: finalize === undefined ? standing.record : record };
    const unchanged = finalize === undefined ? {} : { withdrawals: restated(payment, answer) };
    return {
      result: { answer: repeat(same, clockMs), events },
      writes: { ...unchanged, records },
    };
  }
  return {
    result: { answer: answerOf(decision, record, { final }), events },
    writes: { withdrawals: revoked(payment), records },
  };
}

const repeat = ({ decision, record }: StoredAnswer, clockMs: number): GuardianAnswer => ({
  ...answerOf(decision, record, { final: true, clockMs }),
  repeated: true,
});

/** Changes the answer in the rows; what they count stays. */
function restated(payment: PaymentRows, answer: StoredAnswer | null): StoredWithdrawal[] {
  const status = payment.head?.status ?? "open";
  const state = { ...payment.state, answer };
  return changedRows(payment, { status, counts: "kept", counted_at_ms: null, state });
}

function revoked(payment: PaymentRows): StoredWithdrawal[] {
  if (payment.head?.status === "claimed") return restated(payment, null);
  const state = { ...payment.state, answer: null };
  return changedRows(payment, { status: "open", counts: "nothing", counted_at_ms: null, state });
}

function decideAfresh(
  given: DecideInput,
  finalize: BoundFinalize | undefined,
): LedgerStep<Evaluated> {
  const outcome = applyRules(given);
  const finalized: FinalDecision = applyFinalize(outcome.decision, finalize);
  const { decision, final, record } = finalized;
  const text = canonicalize(decision);
  const events = eventsOfRules({ ...outcome, decision }, given.payment);
  const changes = given.rejected === null ? changesOf(given, outcome, { ...finalized, text }) : {};
  return {
    result: { answer: answerOf(decision, record, { final, clockMs: given.clockMs }), events },
    writes: {
      ...changes,
      lifts: outcome.lifts,
      freezes: outcome.freezes,
      reset_attempts: outcome.resetsAttempts,
      attempts: outcome.attempts,
      account_freezes: outcome.account_freezes,
      records: recordsOf(decisionRecord(finalized, given.payment, text), events),
    },
  };
}

/** A decision after the finalize hook has run, and its canonical text where that is known. */
type FinalDecision = Finalized & Readonly<{ text?: string }>;

const changesOf = (given: DecideInput, outcome: RulesResult, finalized: FinalDecision) => ({
  withdrawals: takenRows(given.payment, nextChange(given, outcome, finalized)),
  destinations: destinationWrites(given, finalized.final),
});

/** Computes how the rows change. Only a final ALLOW reserves or claims. */
function nextChange(given: DecideInput, outcome: RulesResult, finalized: FinalDecision): RowChange {
  const { payment, snapshot } = given;
  const { head } = payment;
  const { allow_valid_seconds } = given.compiled.policy;
  const past = { ...payment.state, ...lapsed(allow_valid_seconds, snapshot.now_ms, payment) };
  if (finalized.final) return allowedChange(given, finalized, past);
  const status = head === null || head.status === "reserved" ? "open" : head.status;
  const state = { ...past, answer: null };
  if (outcome.decision.decision === "DELAY") {
    return { status, counts: "asked", counted_at_ms: snapshot.now_ms, state };
  }
  return { status, counts: "ended", counted_at_ms: null, state };
}

/** Reserves until the reservation lapses, or claims at once and counts from the end of the claim. */
function allowedChange(
  given: DecideInput,
  finalized: FinalDecision,
  past: PaymentState,
): RowChange {
  const { compiled, clockMs, snapshot } = given;
  const { claim, max_clock_jump_ms } = compiled.policy;
  const until_ms = finalized.decision.valid_until_ms ?? clockMs;
  const { decision, record, json, text } = finalized;
  const written =
    text === undefined ? {} : { text: `{"decision":${text},"record":${json ?? "null"}}` };
  const answer = { decision, record, ...written };
  const allowed = { allowed_at_ms: snapshot.now_ms };
  if (claim === "explicit") {
    const state = { ...past, answer, claims: [] };
    return { status: "reserved", counts: "reserved", counted_at_ms: until_ms, ...allowed, state };
  }
  const claims = [{ signer_id: null, at_ms: clockMs, until_ms, inputs: null }];
  const state = { ...past, answer, claims };
  const counted_at_ms = until_ms + max_clock_jump_ms;
  return { status: "claimed", counts: "allowed", counted_at_ms, ...allowed, state };
}
