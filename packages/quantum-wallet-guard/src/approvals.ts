/** Approvals: what they bind to, and how many of them count (design: layer 5, rules 4 to 6). */
import { canonicalHash, formatAmount, idSchema, isAmount, parseAmount } from "@dgb-shield/contract";
import { QwgError } from "./errors.js";
import type { RiskContext } from "./risk-context.js";
import { APPROVAL_METHODS, type ApprovalMethod } from "./approval-methods.js";

export { APPROVAL_METHODS, type ApprovalMethod };

/** Methods that are enough for a large amount. */
export const STRONG_METHODS: readonly ApprovalMethod[] = ["second_factor", "operator"];

/** What an approval is given for. */
export type ApprovalBinding = Readonly<{
  withdrawal_id: string;
  /** Coins that leave. */
  amount: string | number;
  /** In the order of the transaction; absent is the same as none. */
  destinations?: readonly Readonly<{ address: string; amount: string | number }>[] | undefined;
}>;

/**
 * The hash that an approval's `binds` and the context's `binds` must equal: the canonical hash of
 * withdrawal id, amount and destinations, with amounts in their shortest form. An approval of
 * another amount or another destination is an approval of something else.
 *
 * @returns 64 lower-case hexadecimal digits
 * @throws QwgError `invalid_binding` with the path of the field that is malformed
 */
export function approvalBinding(bound: ApprovalBinding): string {
  if (!idSchema.safeParse(bound.withdrawal_id).success) refuse("/withdrawal_id");
  return canonicalHash({
    withdrawal_id: bound.withdrawal_id,
    amount: amountText(bound.amount, "/amount"),
    destinations: (bound.destinations ?? []).map(({ address, amount }, index) => {
      if (!idSchema.safeParse(address).success) refuse(`/destinations/${index}/address`);
      return { address, amount: amountText(amount, `/destinations/${index}/amount`) };
    }),
  });
}

/**
 * Distinct people who approved exactly this transaction by one of the methods. Without the
 * context's own `binds`, nobody did.
 */
export function countApprovers(context: RiskContext, methods: readonly ApprovalMethod[]): number {
  const { approvals = [], binds } = context;
  const counted = approvals.filter(
    (approval) => approval.binds === binds && methods.includes(approval.method),
  );
  return new Set(counted.map((approval) => approval.approver)).size;
}

function amountText(amount: unknown, path: string): string {
  return isAmount(amount) ? formatAmount(parseAmount(amount)) : refuse(path);
}

function refuse(path: string): never {
  throw new QwgError("invalid_binding", path);
}
