/** Reads what a record states of a payment: the decision on it, and what became of it later (design, section 10). */
import { type StoredWithdrawalRecord, storedWithdrawalRecordSchema } from "@dgb-shield/contract";
import { counterfactual, type WalletPolicyInput } from "@dgb-shield/quantum-wallet-guard";
import type { LedgerRecord } from "@dgb-shield/wallet-guardian";
import { erasedValues } from "@dgb-shield/wallet-guardian/audit";
import { z } from "zod";
import type { Decision, PaymentStanding, WouldPass } from "../../service.js";
import { nextOf, reasonsOf } from "../answer.js";

/** What a decision's record does not state. */
export type EntryContext = Readonly<{
  isEnforced: (walletId: string) => boolean;
  /** The policy of layer 5 that a payment is decided by, its approvers included. */
  policyFor: (withdrawal: StoredWithdrawalRecord["withdrawal"]) => WalletPolicyInput;
  /** What approvals of the payment bind to; null for what is no payment. */
  bindsOf: (withdrawal: StoredWithdrawalRecord["withdrawal"]) => string | null;
}>;

/** Destinations of a decision that are listed; the count covers all. */
const MAX_LISTED = 20;

const destinationsSchema = z.array(z.object({ address: z.string(), amount: z.string() }));
const payoutSchema = z.object({
  account_id: z.string().optional(),
  amount: z.string().optional(),
  destinations: destinationsSchema.optional(),
});
const requestSchema = payoutSchema.extend({
  max_fee: z.string().optional(),
  payouts: z.array(payoutSchema).optional(),
});

/** What one record states of one payment. */
export type Stated = Readonly<
  | { kind: "decision"; payment_id: string; decision: Decision }
  | { kind: "standing"; payment_id: string; standing: PaymentStanding }
  | { kind: "named"; payment_id: string }
>;

const namedSchema = z.object({
  withdrawal_id: z.string().optional(),
  payment_id: z.string().optional(),
});

/** Reads one record; undefined where it is of no payment. */
export function statedBy(stored: LedgerRecord, context: EntryContext): Stated | undefined {
  if (stored.kind === "decision" && erasedValues(stored) > 0) return erasedDecision(stored);
  if (stored.kind === "decision") {
    const read = storedWithdrawalRecordSchema.safeParse(stored.record);
    if (!read.success) return undefined;
    const decision = decisionOf(stored.seq, read.data, context);
    return { kind: "decision", payment_id: decision.payment_id, decision };
  }
  const named = namedSchema.safeParse(stored.record);
  const payment_id = named.data?.payment_id ?? named.data?.withdrawal_id;
  if (payment_id === undefined) return undefined;
  const standing = standingBy(stored);
  return standing === undefined
    ? { kind: "named", payment_id }
    : { kind: "standing", payment_id, standing };
}

/** A decision that can no longer be shown; its payment still has a timeline. */
function erasedDecision({ record }: LedgerRecord): Stated | undefined {
  const read = z.object({ guardian: namedSchema }).safeParse(record);
  const payment_id = read.data?.guardian.withdrawal_id;
  return payment_id === undefined ? undefined : { kind: "named", payment_id };
}

/** Numbers of the records from which an order has erased personal data; empty for any other record. */
export function erasedBy({ kind, record: { records } }: LedgerRecord): readonly number[] {
  return kind === "erased" && Array.isArray(records)
    ? records.filter((seq) => typeof seq === "number")
    : [];
}

function standingBy({ kind, record }: LedgerRecord): PaymentStanding | undefined {
  switch (kind) {
    case "commit":
      return "committed";
    case "release":
      return "released";
    case "claim":
      return record["decision"] === "ALLOW" ? "claimed" : undefined;
    default:
      return undefined;
  }
}

function decisionOf(seq: number, record: StoredWithdrawalRecord, context: EntryContext): Decision {
  const { guardian, withdrawal, decided_at_ms, final } = record;
  const request = requestSchema.safeParse(withdrawal).data ?? {};
  const payouts = request.payouts ?? [request];
  const destinations = payouts.flatMap((payout) => payout.destinations ?? []);
  const { tx_amount } = record.context;
  const next = final === "ALLOW" ? "claim" : nextOf(record);
  return {
    seq,
    payment_id: guardian.withdrawal_id,
    wallet_id: guardian.wallet_id,
    account_id: request.account_id ?? null,
    amount: typeof tx_amount === "string" ? tx_amount : null,
    max_fee: request.max_fee ?? null,
    payouts: payouts.length,
    destinations: destinations.slice(0, MAX_LISTED),
    destinations_count: destinations.length,
    enforced: context.isEnforced(guardian.wallet_id),
    final,
    next,
    standing: final === "ALLOW" ? "allowed" : "held",
    veto: record.veto,
    reasons: reasonsOf(record),
    breaches: guardian.breaches ?? [],
    would_pass: final === "ALLOW" ? null : wouldPass(record, context),
    decided_at_ms,
    first_at_ms: decided_at_ms,
    attempts: 1,
  };
}

/** What would have to be different, by the two layers that decide. */
function wouldPass(record: StoredWithdrawalRecord, context: EntryContext): WouldPass {
  const { guardian, decided_at_ms } = record;
  const { allowed_now, retry_after_ms } = guardian;
  const binds = context.bindsOf(record.withdrawal);
  const isGuards = guardian.decision !== "ALLOW";
  const { ways, largest_amount } = counterfactual(
    {
      ...record.context,
      ...(isGuards ? { guardian_decision: "ALLOW" } : {}),
      ...(binds === null ? {} : { binds }),
    },
    context.policyFor(record.withdrawal),
  );
  const [soonest] = ways;
  const wait = Math.max(retry_after_ms ?? 0, (soonest?.after_seconds ?? 0) * 1_000);
  const approvals = ways.find((way) => way.approvals !== undefined)?.approvals;
  // Another amount may pass; this request never will, however long it waits and whatever approvals it gets.
  const isFinal = isGuards && nextOf(record) === "stop";
  const amount = String((isGuards ? allowed_now : largest_amount) ?? "0");
  return {
    amount: amount === "0" ? null : amount,
    at_ms: wait > 0 && !isFinal ? decided_at_ms + wait : null,
    calmer: !isFinal && (isRisky(record) || Object.keys(soonest?.change ?? {}).some(isEvidence)),
    approvals:
      approvals === undefined || isFinal
        ? null
        : {
            missing: approvals.people,
            given: approvals.standing.length,
            methods: approvals.methods,
            binds,
          },
  };
}

/** Whether the evidence alone forbade it: no approval and no other amount would have helped. */
const isRisky = ({ guardian, result, veto }: StoredWithdrawalRecord): boolean =>
  veto !== null || guardian.risk === "HIGH" || result.reason_id === CRITICAL;

const CRITICAL = "QWG_CRITICAL_CHAIN_OR_NODE_RISK";
const EVIDENCE = ["sentinel_level", "adn_level", "dqs_network_score", "dqs_advisory"];
const isEvidence = (field: string): boolean => EVIDENCE.includes(field);
