/** Erases from the rows of a payment what its content can be guessed by. */
import { readState, writeState } from "../payment/state.js";
import { doubleIdOf } from "../payment/rows.js";
import type { StoredWithdrawal } from "../ports.js";

/** Whether a payment may still be signed, so that its content has to stay. */
export const unsettledIn = ({ status, counted_at_ms }: StoredWithdrawal, nowMs: number): boolean =>
  status === "claimed" ||
  (status === "reserved" && counted_at_ms !== null && nowMs < counted_at_ms);

/** The ids of a payment's rows as far as its own row names them, those of second transactions included. */
export function idsOfPayment(row: StoredWithdrawal): readonly string[] {
  const { commits, payouts } = readState(row);
  const own = payouts?.map(({ withdrawal_id }) => withdrawal_id) ?? [row.withdrawal_id];
  const doubles = commits.flatMap(({ txid }) =>
    own.map((withdrawal_id) => doubleIdOf({ payment_id: row.payment_id, txid, withdrawal_id })),
  );
  return [row.withdrawal_id, ...own, ...doubles];
}

/**
 * A row without the hash of its content and without its last answer; null where none of it is the account's. The same content
 * requested again is then another content.
 *
 * @param account null: everyone's
 * @param random makes 64 hexadecimal digits
 */
export function erasedRow(
  row: StoredWithdrawal,
  account: string | null,
  random: () => string,
): StoredWithdrawal | null {
  const state = readState(row);
  const isOf = (id: string | null): boolean => account === null || id === account;
  const isOwn = isOf(row.account_id) || state.payouts?.some((one) => isOf(one.account_id));
  if (isOwn !== true) return null;
  const payouts =
    state.payouts?.map((one) =>
      isOf(one.account_id) ? { ...one, content_hash: random() } : one,
    ) ?? null;
  return { ...row, content_hash: random(), state: writeState({ ...state, answer: null, payouts }) };
}
