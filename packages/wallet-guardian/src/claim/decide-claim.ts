/** One claim inside the ledger's transaction: pure, from a snapshot to an answer and writes (design, section 7: life of a payment). */
import type { ShieldEvent } from "@dgb-shield/contract";
import { causeOf } from "../evaluate/freeze-cause-id.js";
import type { ClaimAnswer, ClaimRequest } from "./arguments.js";
import type { ClaimCode } from "../codes.js";
import { isInForce, isOfTheseRules, isReserved } from "../evaluate/decide.js";
import { isFrozen } from "../evaluate/ended-freezes.js";
import { guardianEvent } from "../events.js";
import { applyFinalize, type Finalized } from "../evaluate/finalize.js";
import type { CompiledPolicy } from "../policy/compile.js";
import type { LedgerSnapshot, LedgerStep, LedgerWrites } from "../ports.js";
import { record, recordsOf } from "../records.js";
import { isOverAgain, overWindows } from "../payment/headroom.js";
import { changedRows, countedUntil, type PaymentRows } from "../payment/rows.js";
import type { Claim, StoredAnswer } from "../payment/state.js";

/** Claims of one payment at most. */
const MAX_CLAIMS = 20;

/** What a claim comes to. */
export type Claimed = Readonly<{ answer: ClaimAnswer; events: readonly ShieldEvent[] }>;

/** What a claim is decided on. */
export type ClaimCase = Readonly<{
  compiled: CompiledPolicy;
  request: ClaimRequest;
  snapshot: LedgerSnapshot;
  payment: PaymentRows;
  /** The true clock. */
  clockMs: number;
}>;

/** Why a claim is not given. */
type Refusal = Readonly<{
  code: ClaimCode;
  decision?: "DELAY";
  retry_after_ms?: number;
  txid?: string;
}>;

/** Decides on a claim: what the payment is, then freezes and risk, then the finalize hook. */
export function decideClaim(given: ClaimCase): LedgerStep<Claimed> {
  const { payment, clockMs } = given;
  const { claims } = payment.state;
  const last = claims.at(-1);
  const isRepeated =
    last !== undefined && clockMs < last.until_ms && isSameClaim(last, given.request);
  const isLater = payment.head?.status === "claimed" && !isRepeated;
  const early =
    statusRefusal(given) ??
    runningRefusal(given, last) ??
    (isLater ? replacementRefusal(given) : null);
  if (early !== null) return refuse(given, early);
  const risky = riskRefusal(given);
  if (risky !== null) return refuse(given, risky);
  if (payment.head?.status === "reserved") return reservedClaim(given);
  return isRepeated ? repeatedClaim(given, last) : laterClaim(given);
}

function statusRefusal({ payment, snapshot }: ClaimCase): Refusal | null {
  const { head } = payment;
  switch (head?.status) {
    case "reserved":
      // [REJECT reservation_lapsed] others may have its room already
      return isReserved(payment, snapshot.now_ms) ? null : { code: "reservation_lapsed" };
    case "claimed":
      return null;
    case "committed":
      // [REJECT already_committed] it was paid
      return { code: "already_committed", ...(head.txid === null ? {} : { txid: head.txid }) };
    default:
      // [REJECT not_reserved] it was not allowed, or was released
      return { code: "not_reserved" };
  }
}

function runningRefusal({ clockMs, request }: ClaimCase, last: Claim | undefined): Refusal | null {
  if (last === undefined || clockMs >= last.until_ms || last.signer_id === request.signer_id) {
    return null;
  }
  // [DELAY claimed] another signer may sign now
  return { code: "claimed", decision: "DELAY", retry_after_ms: last.until_ms - clockMs };
}

/** Freezes and risk as they are now. */
function riskRefusal({ compiled, request, snapshot }: ClaimCase): Refusal | null {
  const { level } = request.risk;
  // [REJECT wallet_frozen, high_risk_lockdown] a scope is frozen
  if (isFrozen(compiled.policy, snapshot))
    return { code: level === "HIGH" ? "high_risk_lockdown" : "wallet_frozen" };
  // [REJECT high_risk_freeze] risk is HIGH, and the policy freezes then
  return level === "HIGH" && compiled.policy.high_risk_freeze ? { code: "high_risk_freeze" } : null;
}

/** The first claim of a reservation. */
function reservedClaim(given: ClaimCase): LedgerStep<Claimed> {
  const { answer } = given.payment.state;
  // [REJECT allow_not_in_force] what was allowed is not allowed any more, or a payout has gone on to another payment
  if (answer === null || !isInForce(given, answer, given.clockMs) || !isWhole(given.payment)) {
    return refuse(given, { code: "allow_not_in_force" });
  }
  // [DELAY daily_limit, window_limit] a clock that was set back may have given its room away meanwhile
  const over = overWindows(given);
  if (over !== null) return refuse(given, { ...over, decision: "DELAY" });
  return grant(given, answer);
}

const isWhole = ({ rows, payment_id }: PaymentRows): boolean =>
  rows.every((row) => row?.payment_id === payment_id);

function repeatedClaim(given: ClaimCase, last: Claim): LedgerStep<Claimed> {
  const { answer } = given.payment.state;
  const { allow_valid_seconds, max_clock_jump_ms } = given.compiled.policy;
  // No claim permits for longer than the policy has it, whatever clock dated it.
  const isTooLong = last.until_ms - given.clockMs > allow_valid_seconds * 1_000 + max_clock_jump_ms;
  if (answer === null || isTooLong || !isOfTheseRules(given, answer.decision)) {
    return refuse(given, { code: "allow_not_in_force" });
  }
  const final = applyFinalize(answer.decision, given.request.finalize);
  const refused = finalRefusal(final);
  if (refused !== null) return refuse(given, refused, final);
  return {
    result: { answer: allowed(given, last, final), events: [] },
    writes: { records: [claimRecord(given, "ALLOW", "claimed_now")] },
  };
}

/** A later claim (a fee bump, other coins) replaces every earlier transaction, or it is another payment. */
function replacementRefusal({ payment, request }: ClaimCase): Refusal | null {
  const { claims } = payment.state;
  const isReplacement =
    claims.length > 0 && claims.every(({ inputs }) => sharesInput(inputs, request.inputs));
  // [REJECT not_a_replacement] both could be mined
  if (!isReplacement) return { code: "not_a_replacement" };
  // [REJECT claims_exhausted] what has to be compared is bounded
  return claims.length >= MAX_CLAIMS ? { code: "claims_exhausted" } : null;
}

function laterClaim(given: ClaimCase): LedgerStep<Claimed> {
  const { answer } = given.payment.state;
  // [REJECT allow_not_in_force] risk is higher, the policy or the rules are other ones, or it was taken back
  if (answer === null || !isOfTheseRules(given, answer.decision)) {
    return refuse(given, { code: "allow_not_in_force" });
  }
  // [DELAY daily_limit, window_limit] it has left a window in which it would be signed once more
  const over = isOverAgain(given);
  if (over !== null) return refuse(given, { ...over, decision: "DELAY" });
  return grant(given, answer);
}

/** Whether two transactions cannot both be mined. */
export const sharesInput = (a: readonly string[] | null, b: readonly string[] | null): boolean =>
  a !== null && b !== null && a.some((input) => b.includes(input));

function isSameClaim({ signer_id, inputs }: Claim, request: ClaimRequest): boolean {
  if (signer_id === null || signer_id !== request.signer_id) return false;
  if (inputs === null || request.inputs === null) return inputs === request.inputs;
  return (
    inputs.length === request.inputs.length &&
    inputs.every((input) => request.inputs?.includes(input) === true)
  );
}

function grant(given: ClaimCase, { decision, record: stored }: StoredAnswer): LedgerStep<Claimed> {
  const { compiled, payment, request, clockMs } = given;
  const { allow_valid_seconds, max_clock_jump_ms } = compiled.policy;
  const final = applyFinalize(decision, request.finalize);
  const refused = finalRefusal(final);
  if (refused !== null) return refuse(given, refused, final);
  const claim: Claim = {
    signer_id: request.signer_id,
    at_ms: clockMs,
    until_ms: clockMs + allow_valid_seconds * 1_000,
    inputs: request.inputs,
  };
  // A later claim never shortens what an earlier one counts.
  const before = payment.head?.status === "claimed" ? (countedUntil(payment) ?? 0) : 0;
  const counted_at_ms = Math.max(before, claim.until_ms + max_clock_jump_ms);
  const state = {
    ...payment.state,
    answer: { decision, record: final.record ?? stored },
    claims: [...payment.state.claims, claim],
  };
  const rows = changedRows(payment, { status: "claimed", counts: "allowed", counted_at_ms, state });
  return {
    result: { answer: allowed(given, claim, final), events: [] },
    writes: {
      withdrawals: rows,
      records: [claimRecord(given, "ALLOW", "claimed_now", claim)],
    },
  };
}

function finalRefusal({ final, decision }: Finalized): Refusal | null {
  if (final) return null;
  // [REJECT finalize_failed, finalize_refused] the caller's own check did not agree
  return { code: decision.decision === "ALLOW" ? "finalize_refused" : "finalize_failed" };
}

function allowed(given: ClaimCase, claim: Claim, { record: made }: Finalized): ClaimAnswer {
  const isRepeated = claim.at_ms !== given.clockMs || given.payment.state.claims.includes(claim);
  return {
    ...draft(given),
    decision: "ALLOW",
    reason_codes: ["claimed_now"],
    claimed_until_ms: claim.until_ms,
    valid_for_ms: claim.until_ms - given.clockMs,
    ...(isRepeated ? { repeated: true as const } : {}),
    ...(made === null ? {} : { record: made }),
  };
}

const draft = ({ payment, request, clockMs }: ClaimCase) => ({
  decision: "REJECT" as const,
  reason_codes: [] as ClaimCode[],
  withdrawal_id: payment.payment_id,
  signer_id: request.signer_id,
  decided_at_ms: clockMs,
});

function refuse(given: ClaimCase, refusal: Refusal, final?: Finalized): LedgerStep<Claimed> {
  const { code, decision = "REJECT", retry_after_ms, txid } = bare(refusal);
  const freezing = code === "high_risk_freeze" ? freezeOf(given) : NO_FREEZE;
  const made = final?.record ?? null;
  return {
    result: {
      answer: {
        ...draft(given),
        decision,
        reason_codes: [code],
        ...(retry_after_ms === undefined ? {} : { retry_after_ms }),
        ...(txid === undefined ? {} : { txid }),
        ...(made === null ? {} : { record: made }),
      },
      events: freezing.events,
    },
    writes: {
      ...freezing.writes,
      records: recordsOf(claimRecord(given, decision, code), freezing.events),
    },
  };
}

/** A refusal without a prototype, so that what it does not say is absent. */
const bare = (refusal: Refusal): Refusal => Object.assign(Object.create(null) as Refusal, refusal);

type Freezing = Readonly<{ events: readonly ShieldEvent[]; writes: LedgerWrites }>;
const NO_FREEZE: Freezing = Object.freeze({ events: [], writes: {} });

/** A claim at HIGH freezes its wallet, as a request does. */
function freezeOf({ payment, request, snapshot }: ClaimCase): Freezing {
  const scope = { type: "wallet", id: payment.wallet_id } as const;
  const cause_id = causeOf("risk", payment.payment_id);
  const freeze = { scope, cause_id, kind: "risk", frozen_at_ms: snapshot.now_ms } as const;
  const facts = {
    withdrawal_id: payment.payment_id,
    risk: request.risk.level,
    reason_codes: ["high_risk_freeze"],
    freeze: { cause_id, scopes: [`wallet:${payment.wallet_id}`] },
    at_ms: snapshot.now_ms,
  };
  return {
    events: [guardianEvent("freeze", `wallet:${payment.wallet_id}`, facts)],
    writes: {
      freezes: [{ ...freeze, operator: null, reason: "high_risk_freeze" }],
      new_series: [scope],
      attempts: [scope],
    },
  };
}

const claimRecord = (
  { payment, request, clockMs, snapshot }: ClaimCase,
  decision: string,
  code: ClaimCode,
  claim?: Claim,
) =>
  record("claim", {
    withdrawal_id: payment.payment_id,
    signer_id: request.signer_id,
    inputs: request.inputs === null ? null : [...request.inputs],
    risk: request.risk.level,
    decision,
    reason_codes: [code],
    clock_ms: clockMs,
    at_ms: snapshot.now_ms,
    claimed_until_ms: claim?.until_ms ?? null,
  });
