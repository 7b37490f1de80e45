/** Decides one claim inside the ledger's transaction: pure, from a snapshot to an answer and writes (design, section 7: life of a payment). */
import type { JsonObject, ShieldEvent } from "@dgb-shield/contract";
import { freezeCauseId } from "../evaluate/freeze-cause-id.js";
import type { ClaimAnswer, ClaimRequest } from "./arguments.js";
import type { ClaimCode } from "../codes.js";
import { isInForce, isOfTheseRules, isReserved } from "../evaluate/decide.js";
import { isFrozen } from "../evaluate/ended-freezes.js";
import { guardianEvent } from "../events.js";
import { applyFinalize, bindFinalize, type Finalized } from "../evaluate/finalize.js";
import type { CompiledPolicy } from "../policy/compile.js";
import type { LedgerSnapshot, LedgerStep, LedgerWrites } from "../ports.js";
import { record, recordsOf } from "../records.js";
import { isOverAgain, overWindows } from "./headroom.js";
import { changedRows, countedUntil, type PaymentRows } from "../payment/rows.js";
import type { Claim, StoredAnswer } from "../payment/state.js";

/** Claims of one payment at most. */
const MAX_CLAIMS = 20;

/** The answer of a claim and its events. */
export type Claimed = Readonly<{ answer: ClaimAnswer; events: readonly ShieldEvent[] }>;

/** The input of `decideClaim`. */
export type ClaimInput = Readonly<{
  compiled: CompiledPolicy;
  request: ClaimRequest;
  snapshot: LedgerSnapshot;
  payment: PaymentRows;
  /** The true clock. */
  clockMs: number;
}>;

/** Why a claim is rejected. */
type Rejection = Readonly<{
  code: ClaimCode;
  decision?: "DELAY";
  retry_after_ms?: number;
  txid?: string;
}>;

/** Decides on a claim: what the payment is, then freezes and risk, then the finalize hook. */
export function decideClaim(given: ClaimInput): LedgerStep<Claimed> {
  const { payment, clockMs } = given;
  const { claims } = payment.state;
  const last = claims.at(-1);
  const isRepeated =
    last !== undefined && clockMs < last.until_ms && isSameClaim(last, given.request);
  const isLater = payment.head?.status === "claimed" && !isRepeated;
  const early =
    statusRejection(given) ??
    runningRejection(given, last) ??
    (isLater ? replacementRejection(given) : null);
  if (early !== null) return reject(given, early);
  const risky = riskRejection(given);
  if (risky !== null) return reject(given, risky);
  if (payment.head?.status === "reserved") return reservedClaim(given);
  return isRepeated ? repeatedClaim(given, last) : laterClaim(given);
}

function statusRejection({ payment, snapshot }: ClaimInput): Rejection | null {
  const { head } = payment;
  switch (head?.status) {
    case "reserved":
      // Another payment may have taken its place in the window.
      return isReserved(payment, snapshot.now_ms) ? null : { code: "reservation_lapsed" };
    case "claimed":
      return null;
    case "committed":
      return { code: "already_committed", ...(head.txid === null ? {} : { txid: head.txid }) };
    default:
      // [REJECT not_reserved] it was not allowed, or was released
      return { code: "not_reserved" };
  }
}

function runningRejection(
  { clockMs, request }: ClaimInput,
  last: Claim | undefined,
): Rejection | null {
  if (last === undefined || clockMs >= last.until_ms || last.signer_id === request.signer_id) {
    return null;
  }
  // [DELAY claimed] another signer may sign now
  return { code: "claimed", decision: "DELAY", retry_after_ms: last.until_ms - clockMs };
}

/** Freezes and risk as they are now. */
function riskRejection({ compiled, request, snapshot }: ClaimInput): Rejection | null {
  const { level } = request.risk;
  if (isFrozen(compiled.policy, snapshot))
    return { code: level === "HIGH" ? "high_risk_lockdown" : "wallet_frozen" };
  return level === "HIGH" && compiled.policy.high_risk_freeze ? { code: "high_risk_freeze" } : null;
}

const hookOf = ({ request, snapshot }: ClaimInput) => bindFinalize(request.finalize, snapshot);

/** Decides the first claim of a reservation. */
function reservedClaim(given: ClaimInput): LedgerStep<Claimed> {
  const { answer } = given.payment.state;
  // [REJECT allow_not_in_force] the ALLOW has expired or was revoked, or a payout is in another payment
  if (answer === null || !isInForce(given, answer, given.clockMs) || !isWhole(given.payment)) {
    return reject(given, { code: "allow_not_in_force" });
  }
  // A clock that was set back may have freed its place for another payment.
  const over = overWindows(given);
  if (over !== null) return reject(given, { ...over, decision: "DELAY" });
  return grant(given, answer);
}

const isWhole = ({ rows, payment_id }: PaymentRows): boolean =>
  rows.every((row) => row?.payment_id === payment_id);

function repeatedClaim(given: ClaimInput, last: Claim): LedgerStep<Claimed> {
  const { answer } = given.payment.state;
  const { allow_valid_seconds, max_clock_jump_ms } = given.compiled.policy;
  // Bounds a claim that was dated by another clock by the policy's validity.
  const isTooLong = last.until_ms - given.clockMs > allow_valid_seconds * 1_000 + max_clock_jump_ms;
  if (answer === null || isTooLong || !isOfTheseRules(given, answer.decision)) {
    return reject(given, { code: "allow_not_in_force" });
  }
  const final = applyFinalize(answer.decision, hookOf(given));
  const rejected = finalRejection(final);
  if (rejected !== null) return reject(given, rejected, final);
  return {
    result: { answer: allowed(given, last, final), events: [] },
    writes: { records: [claimRecord(given, "ALLOW", "claimed_now", { made: final.record })] },
  };
}

/** Rejects a later claim (a fee bump, other coins) that does not replace every earlier transaction: it is another payment. */
function replacementRejection({ payment, request }: ClaimInput): Rejection | null {
  const { claims } = payment.state;
  const isReplacement =
    claims.length > 0 && claims.every(({ inputs }) => sharesInput(inputs, request.inputs));
  // [REJECT not_a_replacement] both transactions could be mined
  if (!isReplacement) return { code: "not_a_replacement" };
  // [REJECT claims_exhausted] the number of claims to compare is bounded
  return claims.length >= MAX_CLAIMS ? { code: "claims_exhausted" } : null;
}

function laterClaim(given: ClaimInput): LedgerStep<Claimed> {
  const { answer } = given.payment.state;
  if (answer === null || !isOfTheseRules(given, answer.decision)) {
    return reject(given, { code: "allow_not_in_force" });
  }
  // A payment that has left a window must fit again before it is signed once more.
  const over = isOverAgain(given);
  if (over !== null) return reject(given, { ...over, decision: "DELAY" });
  return grant(given, answer);
}

/** Checks whether two transactions cannot both be mined. */
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

function grant(given: ClaimInput, answer: StoredAnswer): LedgerStep<Claimed> {
  const { compiled, payment, request, clockMs } = given;
  const { allow_valid_seconds, max_clock_jump_ms } = compiled.policy;
  const final = applyFinalize(answer.decision, hookOf(given));
  const rejected = finalRejection(final);
  if (rejected !== null) return reject(given, rejected, final);
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
    // The record of the decision stays: it has the request. That of the claim is in the journal.
    answer,
    claims: [...payment.state.claims, claim],
  };
  const rows = changedRows(payment, { status: "claimed", counts: "allowed", counted_at_ms, state });
  return {
    result: { answer: allowed(given, claim, final), events: [] },
    writes: {
      withdrawals: rows,
      records: [claimRecord(given, "ALLOW", "claimed_now", { claim, made: final.record })],
    },
  };
}

function finalRejection({ final, decision }: Finalized): Rejection | null {
  if (final) return null;
  // [REJECT finalize_refused] the finalize hook gave allow: false
  return { code: decision.decision === "ALLOW" ? "finalize_refused" : "finalize_failed" };
}

function allowed(given: ClaimInput, claim: Claim, { record: made }: Finalized): ClaimAnswer {
  const isRepeated = claim.at_ms !== given.clockMs || given.payment.state.claims.includes(claim);
  // [ALLOW claimed_now] the payment may be signed
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

const draft = ({ payment, request, clockMs }: ClaimInput) => ({
  decision: "REJECT" as const,
  reason_codes: [] as ClaimCode[],
  withdrawal_id: payment.payment_id,
  signer_id: request.signer_id,
  decided_at_ms: clockMs,
});

function reject(given: ClaimInput, rejection: Rejection, final?: Finalized): LedgerStep<Claimed> {
  const { code, decision = "REJECT", retry_after_ms, txid } = bare(rejection);
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
      records: recordsOf(claimRecord(given, decision, code, { made }), freezing.events),
    },
  };
}

/** Copies a rejection without a prototype, so that absent fields stay absent. */
const bare = (rejection: Rejection): Rejection =>
  Object.assign(Object.create(null) as Rejection, rejection);

type Freezing = Readonly<{ events: readonly ShieldEvent[]; writes: LedgerWrites }>;
const NO_FREEZE: Freezing = Object.freeze({ events: [], writes: {} });

/** Freezes the wallet of a claim at HIGH, as a request does. */
function freezeOf({ payment, request, snapshot }: ClaimInput): Freezing {
  const scope = { type: "wallet", id: payment.wallet_id } as const;
  const cause_id = freezeCauseId("risk", payment.payment_id);
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
      reset_attempts: [scope],
      attempts: [scope],
    },
  };
}

/** The record of a claim, with the one that the `finalize` hook made, if it made any. */
const claimRecord = (
  { payment, request, clockMs, snapshot }: ClaimInput,
  decision: string,
  code: ClaimCode,
  { claim, made }: Readonly<{ claim?: Claim; made: JsonObject | null }>,
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
    ...(made === null ? {} : { made }),
  });
