/** Shows a payment as the ledger has it (design, section 10). */
import { formatAmount, storedWithdrawalRecordSchema } from "@dgb-shield/contract";
import type { StoredWithdrawal } from "@dgb-shield/wallet-guardian";
import { z } from "zod";
import type { PaymentView } from "../service.js";

/** What the ledger stores with a payment's row; of it this is read. */
const stateSchema = z.object({
  answer: z.object({ record: z.unknown() }).nullable().optional(),
  max_fee: z.string().optional(),
});

const payoutSchema = z.object({
  destinations: z.array(z.object({ address: z.string(), amount: z.string() })).optional(),
});

/** Makes the view of a stored payment. */
export function viewOf(
  stored: StoredWithdrawal,
  approvals: PaymentView["approvals"],
  terms: PaymentView["terms"],
): PaymentView {
  const { payment_id, wallet_id, account_id, amount, status, txid } = stored;
  const { record, max_fee } = stateIn(stored.state);
  return {
    ...{ payment_id, wallet_id, account_id, status, txid, approvals, max_fee, terms },
    amount: formatAmount(amount),
    destinations: destinationsIn(record),
  };
}

/** The record of the ALLOW in force; null where there is none. */
export const recordOf = ({ state }: StoredWithdrawal): unknown => stateIn(state).record;

function stateIn(state: string | null): Readonly<{ record: unknown; max_fee: string | null }> {
  const read = stateSchema.safeParse(state === null ? {} : JSON.parse(state));
  if (!read.success) return { record: null, max_fee: null };
  return { record: read.data.answer?.record ?? null, max_fee: read.data.max_fee ?? null };
}

/** The destinations of a recorded request; null where one of its payouts names none. */
function destinationsIn(record: unknown): PaymentView["destinations"] {
  const read = storedWithdrawalRecordSchema.safeParse(record);
  if (!read.success) return null;
  const { withdrawal } = read.data;
  const payouts = z
    .array(payoutSchema)
    .min(1)
    .safeParse(withdrawal["payouts"] ?? [withdrawal]);
  if (!payouts.success) return null;
  const all = payouts.data.map(({ destinations }) => destinations ?? []);
  return all.some((some) => some.length === 0) ? null : all.flat();
}
