/** Runs layers 4 and 5 on one request: the Guardian decides, and runs QWG inside its transaction. */
import {
  canonicalize,
  type WithdrawalRecord,
  withdrawalRecordSchema,
  type EventSink,
  formatAmount,
  type GuardianDecision,
  type JsonObject,
  type JsonValue,
  withoutPrototypes,
} from "@dgb-shield/contract";
import {
  type Approval,
  approvalBinding,
  type DecisionEngine,
  eventOf,
} from "@dgb-shield/quantum-wallet-guard";
import {
  type ClaimAnswer,
  type ClaimOptions,
  decisionOf,
  type Guardian,
  type RiskInput,
  type WithdrawalRequest,
} from "@dgb-shield/wallet-guardian";
import type { AskedBalance } from "./balances.js";
import type { Settings } from "./config.js";
import { type Evidence, vetoOf } from "./evidence.js";
import { leavingUnits } from "./leaving.js";
import { type LedgerFacts, provenFields } from "./provenance.js";
import { recordedPath, recordedRequest, type WithdrawalParts } from "./request.js";

/** A decision, and whether its record is in the ledger. */
export type Decided = Readonly<{
  /** Whether the withdrawal was reserved and may be signed. */
  final: boolean;
  record: WithdrawalRecord;
  recorded: boolean;
  /** How long an ALLOW holds from this answer on, in milliseconds. */
  valid_for_ms?: number;
  /** Present where the same ALLOW was given before and still holds. */
  repeated?: true;
  /** Of a malformed request or an untrusted clock: what is wrong, and what to do. */
  detail?: string;
}>;

/** What a caller adds to a request, from what the composition knows itself. */
export type DecideOptions = Readonly<{
  /** Approvals by people, of exactly this payment (`binds`). */
  approvals?: readonly Approval[];
  /** What approvals bind to; default: the hash of id, amount and destinations. */
  binds?: string | undefined;
  /** Distinct approvers that this payment needs whatever its amount, beside what the policy asks for. */
  approvers?: number | undefined;
}>;

/** What a decision needs besides the request. */
export type DecisionParts = Readonly<{
  guardian: Guardian;
  qwg: DecisionEngine;
  settings: Settings;
  /** Reads the evidence of this moment. */
  evidence: () => Evidence;
  events: EventSink;
  /** The wallet's balance as a node reports it; null: as stated by the caller. */
  balance: AskedBalance | null;
  /** Numbers the attempts of this process, so that no two of their events have one id. */
  nextAttempt: () => number;
}>;

/** Decides one request; whatever fails, the answer is not an ALLOW. */
export async function decideWith(
  request: WithdrawalParts,
  parts: DecisionParts,
  { approvals = [], binds }: DecideOptions = {},
): Promise<Decided> {
  const requested = withApprovals(request, approvals, binds);
  const before = parts.evidence();
  // Whatever it is, the Guardian checks it.
  const withdrawal = requested.withdrawal as unknown as WithdrawalRequest;
  const answer = await parts.guardian.evaluate(withdrawal, riskOf(before), {
    finalize: (decision, { evidence_generation: current = 0, ...ledger }) => {
      const record = conclude(
        decision,
        { requested, before, now: parts.evidence(), current, ledger },
        parts,
      );
      // What is no record is no decision: it throws here, where nothing has been reserved.
      const { final: word } = withdrawalRecordSchema.parse(record);
      // The Guardian writes its canonical text, and refuses what has none.
      return { allow: word === "ALLOW", record: record as unknown as JsonObject };
    },
  });
  const { final, record, detail } = answer;
  const about = detail === undefined ? {} : { detail };
  if (record === undefined) {
    const refused = conclude(
      decisionOf(answer),
      { requested, before, now: before, current: 0, ledger: {} },
      parts,
    );
    return { final: false, record: { ...refused, final: "REFUSED" }, recorded: false, ...about };
  }
  // The Guardian's own copy of what was checked as a record above.
  const recorded = withoutPrototypes(record) as unknown as WithdrawalRecord;
  // After the commit, and from the record: no event is of a decision that was not recorded.
  emitDecision(recorded, parts);
  const allowed = final && recorded.final === "ALLOW";
  const { valid_for_ms, repeated } = answer;
  return {
    ...{ final: allowed, record: recorded, recorded: true, ...about },
    ...(allowed && valid_for_ms !== undefined ? { valid_for_ms } : {}),
    ...(allowed && repeated ? { repeated } : {}),
  };
}

/** Adds to what QWG reads the approvals that were given, and what they have to bind to. */
function withApprovals(
  parts: WithdrawalParts,
  approvals: readonly Approval[],
  bound?: string,
): WithdrawalParts {
  if (approvals.length === 0) return parts;
  const binds = bound ?? bindingOf(parts.withdrawal);
  if (binds === null) return parts;
  const given = approvals.map((approval) => toJson(approval));
  return { ...parts, caller: { ...parts.caller, binds, approvals: given } };
}

/**
 * Computes what an approval of a payment binds to: its id, what leaves, and every destination.
 *
 * @returns 64 hexadecimal digits; null for what is no payment
 */
export function bindingOf(withdrawal: JsonObject): string | null {
  try {
    const { payouts = [withdrawal] } = withdrawal;
    const destinations = (payouts as readonly JsonObject[]).flatMap(
      (payout) => (payout["destinations"] ?? []) as { address: string; amount: string }[],
    );
    const id = (withdrawal["payment_id"] ?? withdrawal["withdrawal_id"]) as string;
    const amount = amountOf(withdrawal) as string;
    return approvalBinding({ withdrawal_id: id, amount, destinations });
  } catch {
    return null;
  }
}

/** What a signer claims with; the risk is the pipeline's. */
export type Claim = Pick<ClaimOptions, "signer_id" | "transaction">;

/** Permits one signer to sign, where no evidence of this moment forbids it. */
export function claimWith(
  withdrawalId: string,
  { signer_id, transaction }: Claim,
  parts: Pick<DecisionParts, "guardian" | "settings" | "evidence">,
): Promise<ClaimAnswer> {
  const before = parts.evidence();
  return parts.guardian.claim(withdrawalId, {
    signer_id,
    ...(transaction === undefined ? {} : { transaction }),
    risk: riskOf(before),
    finalize: (_decision, { evidence_generation: current = 0 }) => {
      const now = parts.evidence();
      const veto = vetoOf(now, parts.settings, { before, current });
      return { allow: veto === null, record: toJson({ veto, inputs: now.inputs }) };
    },
  });
}

/** The risk as the Guardian takes it. */
function riskOf({ inputs }: Evidence): RiskInput {
  const { guardian_risk: level, risk_low_since_ms = null } = inputs;
  return risk_low_since_ms === null ? level : { level, low_since_ms: risk_low_since_ms };
}

type Moments = Readonly<{
  requested: WithdrawalParts;
  /** The evidence that the Guardian was requested with. */
  before: Evidence;
  /** The evidence under the ledger's locks. */
  now: Evidence;
  /** Number of the shared evidence under the ledger's locks. */
  current: number;
  /** What the ledger shows of its own history. */
  ledger: LedgerFacts;
}>;

/** QWG's answer to the Guardian's decision, and the record of everything that made it. */
function conclude(
  guardian: GuardianDecision,
  moments: Moments,
  parts: DecisionParts,
): WithdrawalRecord {
  const { requested, before, now, current, ledger } = moments;
  const { sentinel_level, adn_level, dqs_network_score, dqs_advisory } = now.inputs;
  const proven = provenFields(requested.caller, {
    balance: parts.balance,
    sources: now.inputs.sources,
    ledger,
  });
  const context: JsonObject = {
    ...proven.fields,
    sentinel_level,
    adn_level,
    dqs_network_score,
    dqs_advisory,
    tx_amount: amountOf(requested.withdrawal),
    tx_id: guardian.withdrawal_id || null,
    wallet_fingerprint: guardian.wallet_id || null,
    guardian_decision: guardian.decision,
    guardian_reason_codes: guardian.reason_codes,
    created_at: now.at_ms,
  };
  const { result } = parts.qwg.decide(context);
  // [REFUSE balance_unavailable] the balance has to be proven, and no fresh node gives it
  const veto =
    vetoOf(now, parts.settings, { before, current }) ??
    (proven.isBalanceMissing ? "balance_unavailable" : null);
  const isAllowed = guardian.decision === "ALLOW" && result.may_broadcast && veto === null;
  return {
    record_version: 2,
    qwg_policy_version: parts.qwg.policy_version,
    decided_at_ms: now.at_ms,
    withdrawal: recordedRequest(requested.withdrawal),
    inputs: now.inputs,
    guardian: recordedDecision(guardian),
    context,
    result: { ...result },
    provenance: proven.provenance,
    veto,
    final: isAllowed ? "ALLOW" : "REFUSED",
  };
}

const recordedDecision = (guardian: GuardianDecision): GuardianDecision =>
  guardian.path === undefined ? guardian : { ...guardian, path: recordedPath(guardian.path) };

/** What leaves, of several payouts together; null where the Guardian finds it malformed. */
function amountOf(withdrawal: JsonObject): JsonValue {
  const { amount = null, payouts } = withdrawal;
  if (!Array.isArray(payouts)) return amount;
  const units = leavingUnits(withdrawal);
  return units === null ? null : formatAmount(units);
}

/** Emits QWG's event of a recorded decision; whatever the sink does, now or later, changes nothing here. */
function emitDecision(record: WithdrawalRecord, parts: DecisionParts): void {
  try {
    const { context, result, qwg_policy_version: policy_version } = record;
    const attempt = `${record.decided_at_ms}-${parts.nextAttempt()}`;
    // An allow has no event.
    if (result.decision === "allow") return;
    const event = eventOf({ context, policy_version, result }, { attempt });
    if (event === undefined) return;
    void Promise.resolve(parts.events.emit(event) as unknown).catch(() => undefined);
  } catch {
    // A learning core never stands in the way of a decision.
  }
}

const toJson = (value: object): JsonObject => JSON.parse(canonicalize(value)) as JsonObject;
