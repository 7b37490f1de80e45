/** Lists freezes and unsettled payments for operators (design, section 7: records). */
import { formatAmount } from "@dgb-shield/contract";
import { type Context, ledgerCode } from "../context.js";
import { freezeKey } from "../ledger/freeze-key.js";
import { type OperationRejection, rejectOperation } from "./arguments.js";
import { MAX_LISTED_RECORDS, type StoredWithdrawal } from "../ports.js";
import { countedUntil, storedRows } from "../payment/rows.js";
import type { ScopeType } from "../scopes.js";
import type { FreezeView } from "./view.js";

/** A page of a listing. */
export type PageOptions = Readonly<{
  /** The `next` of the page before; absent: the first page. */
  after?: string | undefined;
  /** Entries at most, 1 to 1,000: 100. */
  limit?: number | undefined;
}>;

/** A freeze, and of what. */
export type ListedFreeze = FreezeView & Readonly<{ scope: ScopeType; id: string }>;

/** A page of freezes. */
export type FreezeList = Readonly<{
  accepted: true;
  freezes: readonly ListedFreeze[];
  /** Where the next page begins; null: this was the last one. */
  next: string | null;
}>;

/** Status of an unsettled payment: `lapsed` ones hold no room any more, `unsettled` ones were claimed, and their claim is over. */
export const PAYMENT_STATES = ["reserved", "lapsed", "claimed", "unsettled"] as const;
/** The status of a payment as it is listed. */
export type PaymentStatus = (typeof PAYMENT_STATES)[number];

/** A payment that is reserved or claimed. */
export type ListedPayment = Readonly<{
  withdrawal_id: string;
  wallet_id: string;
  /** Coins. */
  amount: string;
  payouts: number;
  status: PaymentStatus;
  /** reserved, lapsed: when the reservation ends; claimed, unsettled: until when it could be signed at the latest. */
  until_ms: number;
  /** Null: it is not claimed, or was claimed with its ALLOW. */
  signer_id: string | null;
}>;

/** A page of payments. */
export type PaymentList = Readonly<{
  accepted: true;
  as_of_ms: number;
  payments: readonly ListedPayment[];
  next: string | null;
}>;

const DEFAULT_LIMIT = 100;

/** Lists the freezes of all scopes. */
export function listFreezes(
  context: Context,
  { after = "", limit = DEFAULT_LIMIT }: PageOptions,
): Promise<FreezeList | OperationRejection> {
  return listing(context, async () => {
    const found = await context.ledger.frozen(after, limit);
    const last = found.at(-1);
    const freezes = found.map(({ scope, ...freeze }) => ({
      scope: scope.type,
      id: scope.id,
      ...freeze,
    }));
    const next = found.length < limit || last === undefined ? null : freezeKey(last);
    return { accepted: true, freezes, next };
  });
}

/** Lists the payments that are reserved or claimed, by how far they have come where one is named. */
export function listPayments(
  context: Context,
  {
    after = "",
    limit = DEFAULT_LIMIT,
    status,
  }: PageOptions & Readonly<{ status?: PaymentStatus | undefined }>,
): Promise<PaymentList | OperationRejection> {
  return listing(context, async () => {
    const as_of_ms = context.clock.begin({ keep: false }).time.nowMs;
    const payments: ListedPayment[] = [];
    let place = after;
    for (;;) {
      const found = await context.ledger.unsettled(place, MAX_LISTED_RECORDS);
      for (const head of found) {
        place = head.withdrawal_id;
        const payment = viewPayment(head, as_of_ms);
        if (status === undefined || status === payment.status) payments.push(payment);
        if (payments.length === limit) return { accepted: true, as_of_ms, payments, next: place };
      }
      if (found.length < MAX_LISTED_RECORDS) {
        return { accepted: true, as_of_ms, payments, next: null };
      }
    }
  });
}

/** Finds the status of a payment at a time. */
export const paymentStatus = (head: StoredWithdrawal, nowMs: number): PaymentStatus =>
  viewPayment(head, nowMs).status;

function viewPayment(head: StoredWithdrawal, nowMs: number): ListedPayment {
  const payment = storedRows(head, []);
  const { claims, answer } = payment.state;
  const isClaimed = head.status === "claimed";
  const last = claims.at(-1);
  const until_ms = countedUntil(payment) ?? last?.until_ms ?? answer?.decision.valid_until_ms ?? 0;
  const isOver = nowMs >= until_ms;
  const [running, over] = isClaimed
    ? (["claimed", "unsettled"] as const)
    : (["reserved", "lapsed"] as const);
  return {
    withdrawal_id: head.withdrawal_id,
    wallet_id: head.wallet_id,
    amount: formatAmount(head.amount),
    payouts: payment.payouts.length,
    status: isOver ? over : running,
    until_ms,
    signer_id: last?.signer_id ?? null,
  };
}

async function listing<T>(
  context: Context,
  list: () => Promise<T>,
): Promise<T | OperationRejection> {
  try {
    return await list();
  } catch (error) {
    return rejectOperation(ledgerCode(context, error));
  }
}
