/** Commits and releases payments (design, section 7: life of a payment). */
import { formatAmount, type JsonObject, parseAmount, type ShieldEvent } from "@dgb-shield/contract";
import { sharesInput } from "../claim/decide-claim.js";
import type { OperationCode } from "../codes.js";
import { type EventAction, guardianEvent } from "../events.js";
import { type OperationResult, rejectOperation } from "./arguments.js";
import type { LedgerSnapshot, LedgerStep, StoredWithdrawal } from "../ports.js";
import { record, recordsOf } from "../records.js";
import {
  changedRows,
  countedUntil,
  doubleIdOf,
  isElsewhere,
  type PaymentRows,
} from "../payment/rows.js";
import type { Commit, PayoutRef } from "../payment/state.js";
import type { Time } from "../clock/time.js";

/** The result of a call and its events. */
export type Settled = Readonly<{ result: OperationResult; events: readonly ShieldEvent[] }>;

/** The snapshot of a step: the time is at least the clock's and the ledger's. */
export type Moment = LedgerSnapshot & Readonly<{ time: Time }>;

/** A step inside the ledger's transaction. */
export type Step = (moment: Moment) => LedgerStep<Settled>;

/** A step on one payment. */
export type PaymentStep = (payment: PaymentRows, moment: Moment) => LedgerStep<Settled>;

/** A transaction that paid. */
export type Paid = Readonly<{
  txid: string;
  /** Coins. */
  fee?: string | undefined;
  inputs?: readonly string[] | undefined;
}>;

/**
 * Records that a payment was paid, whenever that becomes known. A claimed payment counts as before; money that
 * moved without a claim is counted from now on and reported, since a rejection would not undo it.
 *
 * @returns accepted; with `late_commit` where the payment was not claimed, `replaced` where the transaction takes the
 * place of the one before, `double_payment` where it does not, `fee_exceeded` where its fee is above `max_fee`
 */
export const commitStep =
  (paid: Paid): PaymentStep =>
  (payment, moment) => {
    if (payment.head?.status === "committed") return commitAgain(payment, paid, moment);
    const isLate = payment.head?.status !== "claimed";
    // Without a time there is nothing to count from.
    if (isLate && moment.time.status === "invalid") return unchanged(noTime(moment));
    const counted_at_ms = isLate ? moment.now_ms : (countedUntil(payment) ?? moment.now_ms);
    const commits = [...payment.state.commits, commitOf(paid, false)];
    const state = { ...payment.state, answer: null, commits };
    const change = { counts: "allowed", counted_at_ms, txid: paid.txid, state } as const;
    const rows = changedRows(payment, { status: "committed", ...change });
    const elsewhere = payment.payouts.filter((one) => isElsewhere(payment, one.withdrawal_id));
    const more = doublesOf(payment, elsewhere, { nowMs: moment.now_ms, txid: paid.txid });
    // [ACCEPT late_commit] the money moved without a claim
    const codes = isLate ? (["late_commit"] as const) : [];
    return settled(payment, moment, { paid, codes, rows: [...rows, ...more] });
  };

function commitAgain(payment: PaymentRows, paid: Paid, moment: Moment): LedgerStep<Settled> {
  const { commits } = payment.state;
  const txid = payment.head?.txid ?? null;
  const isKnown = txid === paid.txid || commits.some((commit) => commit.txid === paid.txid);
  if (isKnown) return completed(payment, paid, moment);
  const commit = commitOf(paid, !isReplacement(payment, paid));
  // Without a time there is nothing to count from.
  if (commit.isDouble && moment.time.status === "invalid") return unchanged(noTime(moment));
  const state = { ...payment.state, commits: [...commits, commit].slice(-MAX_COMMITS) };
  const counts = { status: "committed", counts: "kept", counted_at_ms: null } as const;
  // [ACCEPT replaced] the transaction shares an input with the one before
  if (!commit.isDouble) {
    const rows = changedRows(payment, { ...counts, txid: paid.txid, state });
    return settled(payment, moment, { paid, codes: ["replaced"], rows });
  }
  // [ACCEPT double_payment] the transaction does not replace the first
  const rows = changedRows(payment, { ...counts, state });
  const nowMs = Math.max(moment.now_ms, countedUntil(payment) ?? 0);
  const more = doublesOf(payment, payment.payouts, { nowMs, txid: paid.txid });
  return settled(payment, moment, { paid, codes: ["double_payment"], rows: [...rows, ...more] });
}

const noTime = ({ time }: Moment): OperationResult => ({
  ...rejectOperation("clock_untrusted"),
  ...(time.detail === undefined ? {} : { detail: time.detail }),
});

/** Largest number of transactions in a payment's state; the records hold all of them. */
const MAX_COMMITS = 20;

/** Adds facts that were missing to a transaction that is already recorded. */
function completed(payment: PaymentRows, paid: Paid, moment: Moment): LedgerStep<Settled> {
  const { commits } = payment.state;
  const known = commits.find(({ txid }) => txid === paid.txid);
  const fee = known?.fee ?? paid.fee ?? null;
  const inputs = known?.inputs ?? paid.inputs ?? null;
  const isNews = known !== undefined && (fee !== known.fee || inputs !== known.inputs);
  const repeated = { ...accepted(payment, []), repeated: true as const };
  if (!isNews) return { result: { result: repeated, events: [] }, writes: null };
  const all = commits.map((one) => (one === known ? { ...one, fee, inputs } : one));
  const state = { ...payment.state, commits: all };
  const rows = changedRows(payment, {
    status: "committed",
    counts: "kept",
    counted_at_ms: null,
    state,
  });
  const news = known.fee === null ? paid : { ...paid, fee: undefined };
  const step = settled(payment, moment, { paid: news, codes: [], rows });
  return { ...step, result: { ...step.result, result: { ...step.result.result, repeated: true } } };
}

/** Checks whether a transaction cannot be mined beside any that paid, or that was claimed, before. */
function isReplacement({ state }: PaymentRows, { inputs }: Paid): boolean {
  const { commits, claims } = state;
  const earlier = commits.filter(({ isDouble }) => !isDouble);
  if (earlier.length === 0) return false;
  const isKnown = earlier.every((commit) => commit.inputs !== null);
  const named = isKnown ? earlier : claims;
  return named.length > 0 && named.every((one) => sharesInput(one.inputs, inputs ?? null));
}

const commitOf = ({ txid, fee, inputs }: Paid, isDouble: boolean): Commit => ({
  txid,
  fee: fee === undefined ? null : formatAmount(parseAmount(fee)),
  inputs: inputs ?? null,
  isDouble,
});

/** Rows that count payouts once more, under ids of their own. */
function doublesOf(
  { payment_id, wallet_id }: PaymentRows,
  payouts: readonly PayoutRef[],
  { nowMs, txid }: Readonly<{ nowMs: number; txid: string }>,
): StoredWithdrawal[] {
  return payouts.map(({ withdrawal_id, account_id, amount, content_hash }) => ({
    withdrawal_id: doubleIdOf({ payment_id, txid, withdrawal_id }),
    payment_id,
    wallet_id,
    account_id,
    amount,
    content_hash,
    status: "committed",
    counts: "allowed",
    counted_at_ms: nowMs,
    allowed_at_ms: null,
    txid,
    state: null,
  }));
}

type Outcome = Readonly<{
  paid: Paid;
  codes: readonly OperationCode[];
  rows: readonly StoredWithdrawal[];
}>;

const EVENT_OF: ReadonlyMap<OperationCode, EventAction> = new Map([
  ["late_commit", "late_commit"],
  ["double_payment", "double_payment"],
  ["fee_exceeded", "fee_exceeded"],
]);

function settled(
  payment: PaymentRows,
  { now_ms }: Moment,
  { paid, codes: found, rows }: Outcome,
): LedgerStep<Settled> {
  const codes = [...found, ...feeCodes(payment, paid)];
  const facts = {
    withdrawal_id: payment.payment_id,
    txid: paid.txid,
    fee: paid.fee ?? null,
    reason_codes: codes,
    status: payment.head?.status ?? null,
    at_ms: now_ms,
  };
  const events = codes.flatMap((code) => {
    const action = EVENT_OF.get(code);
    return action === undefined ? [] : [paymentEvent(action, payment, facts)];
  });
  const first = rows[0];
  const result = {
    accepted: true,
    reason_codes: codes,
    status: "committed" as const,
    txid: first?.txid ?? paid.txid,
  };
  const records = recordsOf(record("commit", facts), events);
  return { result: { result, events }, writes: { withdrawals: rows, records } };
}

/** Checks the fee against the request's `max_fee`. */
function feeCodes({ state }: PaymentRows, { fee }: Paid): OperationCode[] {
  const isOver =
    fee !== undefined && state.max_fee !== null && parseAmount(fee) > parseAmount(state.max_fee);
  // [ACCEPT fee_exceeded] the fee is above the request's `max_fee`
  return isOver ? ["fee_exceeded"] : [];
}

const paymentEvent = (
  action: EventAction,
  { wallet_id }: PaymentRows,
  facts: JsonObject,
): ShieldEvent => guardianEvent(action, `wallet:${wallet_id}`, facts);

/** An order to release a payment. */
export type Release = Readonly<{
  reason: string;
  operator?: string | undefined;
  signer_id?: string | undefined;
  not_executed?: true | undefined;
}>;

/**
 * Gives a payment back. An unclaimed reservation returns its room at once. What was claimed may have been signed:
 * it returns its room only to its signer, or to an operator once the claim is over, with `not_executed` as the
 * proof. The cooldown goes on.
 */
export const releaseStep =
  (by: Release): PaymentStep =>
  (payment, moment) => {
    const rejected = releaseRejection(payment, by, moment);
    if (rejected !== null) return unchanged(rejected);
    if (payment.head?.status === "released") {
      return unchanged({ ...accepted(payment, []), repeated: true });
    }
    const isClaimed = payment.head?.status === "claimed";
    const state = { ...payment.state, answer: null, claims: [] };
    const rows = changedRows(payment, {
      status: "released",
      counts: "nothing",
      counted_at_ms: null,
      state,
    });
    const facts = {
      withdrawal_id: payment.payment_id,
      operator: by.operator ?? null,
      signer_id: by.signer_id ?? null,
      not_executed: by.not_executed ?? false,
      reason: by.reason,
      at_ms: moment.now_ms,
    };
    const events = isClaimed ? [paymentEvent("claim_released", payment, facts)] : [];
    return {
      result: { result: { accepted: true, reason_codes: [], status: "released" }, events },
      writes: { withdrawals: rows, records: recordsOf(record("release", facts), events) },
    };
  };

function releaseRejection(
  payment: PaymentRows,
  by: Release,
  { now_ms }: Moment,
): OperationResult | null {
  switch (payment.head?.status) {
    case "reserved":
    case "released":
      return null;
    case "committed":
      return { ...accepted(payment, ["already_committed"]), accepted: false };
    case "claimed":
      return claimedRejection(payment, by, now_ms);
    default:
      return rejectOperation("not_reserved");
  }
}

/** Rejects the release of a claimed payment, which may have been signed, without the proof. */
function claimedRejection(
  payment: PaymentRows,
  { not_executed, operator, signer_id }: Release,
  nowMs: number,
): OperationResult | null {
  const { claims } = payment.state;
  const isSigner =
    signer_id !== undefined &&
    claims.length > 0 &&
    claims.every((claim) => claim.signer_id === signer_id);
  // Needs `not_executed`, from the signer or an operator.
  if (not_executed !== true || (!isSigner && operator === undefined)) {
    return { ...rejectOperation("claimed"), status: "claimed" };
  }
  const until = countedUntil(payment) ?? 0;
  // [REJECT claim_running] the payment can still be signed
  return isSigner || nowMs >= until
    ? null
    : { ...rejectOperation("claim_running"), status: "claimed", retry_after_ms: until - nowMs };
}

function accepted(
  { head }: PaymentRows,
  reason_codes: OperationResult["reason_codes"],
): OperationResult {
  const txid = head?.txid ?? null;
  return {
    accepted: true,
    reason_codes,
    ...(head === null ? {} : { status: head.status }),
    ...(txid === null ? {} : { txid }),
  };
}

const unchanged = (result: OperationResult): LedgerStep<Settled> => ({
  result: { result, events: [] },
  writes: null,
});
