/** Reads and changes the rows of a payment (design, section 7: life of a payment). */
import { canonicalHash, formatAmount } from "@dgb-shield/contract";
import type { Counts, StoredWithdrawal, WithdrawalStatus } from "../ports.js";
import { type PaymentState, type PayoutRef, readState, writeState } from "./state.js";
import { isBatch, type Payment } from "../request/withdrawal.js";

/** A payment in the ledger. */
export type PaymentRows = Readonly<{
  payment_id: string;
  wallet_id: string;
  amount: bigint;
  content_hash: string;
  is_batch: boolean;
  payouts: readonly PayoutRef[];
  /** Null: the payment is new, or its id was a payout's of another payment. */
  head: StoredWithdrawal | null;
  state: PaymentState;
  /** The stored row of each payout; it may belong to another payment. */
  rows: readonly (StoredWithdrawal | null)[];
}>;

/** Puts the rows of a requested payment together; `rows` in the order of the reads. */
export function rowsOf(payment: Payment, rows: readonly (StoredWithdrawal | null)[]): PaymentRows {
  const is_batch = isBatch(payment);
  const first = rows[0] ?? null;
  const head = first?.payment_id === payment.payment_id ? first : null;
  const max_fee = payment.max_fee === null ? null : formatAmount(payment.max_fee);
  const { payouts } = payment;
  return {
    payment_id: payment.payment_id,
    wallet_id: payment.wallet_id,
    amount: payment.amount,
    content_hash: payment.content_hash,
    is_batch,
    payouts,
    head,
    state: { ...readState(head), payouts: is_batch ? payouts : null, max_fee },
    rows: is_batch ? rows.slice(1) : [first],
  };
}

/** The rows of a payment that is stored; `rows` those of its payouts. */
export function storedRows(
  head: StoredWithdrawal,
  rows: readonly (StoredWithdrawal | null)[],
): PaymentRows {
  const state = readState(head);
  const { payment_id, wallet_id, amount, content_hash } = head;
  const is_batch = state.payouts !== null;
  const payouts = state.payouts ?? [ownPayout(head)];
  return {
    payment_id,
    wallet_id,
    amount,
    content_hash,
    is_batch,
    payouts,
    head,
    state,
    rows: is_batch ? rows : [head],
  };
}

/** A payment of one row as its own payout. */
const ownPayout = ({
  withdrawal_id,
  account_id,
  amount,
  content_hash,
}: StoredWithdrawal): PayoutRef => ({ withdrawal_id, account_id, amount, content_hash });

/** How the rows of a payment change. */
export type RowChange = Readonly<{
  status: WithdrawalStatus;
  /** What each payout counts as from now on; `kept`: as before; `ended`: as before, but a reservation as nothing. */
  counts: Counts | "kept" | "ended";
  counted_at_ms: number | null;
  /** The last ALLOW; absent: as before. */
  allowed_at_ms?: number;
  txid?: string | null;
  state: PaymentState;
}>;

/** The rows of a payment after a change; a payout that has gone on to another payment stays there. */
export const changedRows = (payment: PaymentRows, change: RowChange): StoredWithdrawal[] =>
  takenRows(payment, change).filter((row) => !isElsewhere(payment, row.withdrawal_id));

/** Checks whether a payout belongs to another payment now. */
export const isElsewhere = ({ rows, payment_id }: PaymentRows, withdrawalId: string): boolean =>
  rows.some((row) => row?.withdrawal_id === withdrawalId && row.payment_id !== payment_id);

/** The rows of a payment after a change, of several payouts its head first; payouts of other payments are taken over. */
export function takenRows(payment: PaymentRows, change: RowChange): StoredWithdrawal[] {
  const { payment_id, wallet_id, head, is_batch } = payment;
  const { status } = change;
  const allowed_at_ms = change.allowed_at_ms ?? head?.allowed_at_ms ?? null;
  const txid = change.txid === undefined ? (head?.txid ?? null) : change.txid;
  const state = writeState(change.state);
  const rows = payment.payouts.map((payout, index): StoredWithdrawal => {
    const { counts, counted_at_ms } = countsAs(payment.rows[index] ?? null, change);
    const { withdrawal_id, account_id, amount, content_hash } = payout;
    return {
      withdrawal_id,
      payment_id,
      wallet_id,
      account_id,
      amount,
      content_hash,
      status,
      counts,
      counted_at_ms,
      allowed_at_ms,
      txid,
      state: is_batch ? null : state,
    };
  });
  const [first] = rows;
  if (!is_batch || first === undefined) return rows;
  const { amount, content_hash } = payment;
  const own = { withdrawal_id: payment_id, account_id: null, amount, content_hash };
  return [{ ...first, ...own, ...UNCOUNTED, state }, ...rows];
}

function countsAs(
  before: StoredWithdrawal | null,
  { counts, counted_at_ms }: RowChange,
): Pick<StoredWithdrawal, "counts" | "counted_at_ms"> {
  if (counts !== "kept" && counts !== "ended") return { counts, counted_at_ms };
  if (before === null || (counts === "ended" && before.counts === "reserved")) return UNCOUNTED;
  return { counts: before.counts, counted_at_ms: before.counted_at_ms };
}

const UNCOUNTED = Object.freeze({ counts: "nothing", counted_at_ms: null } as const);

/** Until when a payment counts at least; null where it counts as nothing. */
export const countedUntil = ({ rows, payment_id }: PaymentRows): number | null =>
  rows.find((row) => row?.payment_id === payment_id && row.counted_at_ms !== null)?.counted_at_ms ??
  null;

/** Checks whether a row's payment holds its ids: paid, claimed, or reserved at a time. */
export const isHeld = (row: StoredWithdrawal, nowMs: number): boolean =>
  row.status === "claimed" ||
  row.status === "committed" ||
  (row.status === "reserved" && row.counted_at_ms !== null && nowMs < row.counted_at_ms);

/** Lists the ids of a stored payment, its own first. */
export const idsOfRows = ({ payment_id, is_batch, payouts }: PaymentRows): readonly string[] =>
  is_batch ? [payment_id, ...payouts.map(({ withdrawal_id }) => withdrawal_id)] : [payment_id];

/** The id of the row that counts a payout once more, for a second transaction. */
export const doubleIdOf = (
  payout: Readonly<{ payment_id: string; txid: string; withdrawal_id: string }>,
): string => `double-${canonicalHash({ ...payout }).slice(0, 32)}`;
