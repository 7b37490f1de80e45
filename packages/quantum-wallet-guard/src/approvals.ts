/** Approvals: what they bind to, and how many of them count (design: layer 5, rules 4 to 6). */
import { canonicalHash, formatAmount, idSchema, isAmount, parseAmount } from "@dgb-shield/contract";
import { QwgError } from "./errors.js";
import { isVisibleAscii } from "./internal/visible-ascii.js";
import type { Approval, RiskContext } from "./risk-context.js";
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

/** Approvals that a rule asks for: so many distinct people, by one of the methods. */
export type ApprovalsNeeded = Readonly<{ people: number; methods: readonly ApprovalMethod[] }>;

/** One approval of any method. */
export const ANY_APPROVAL: ApprovalsNeeded = Object.freeze({
  people: 1,
  methods: APPROVAL_METHODS,
});

/**
 * The approvals that count, one for each person: given by one of the methods for exactly this
 * transaction, not after the context was made and, where the policy limits it, not too long before.
 * Without the context's own `binds` none counts. Spellings of one name that look alike are one person.
 */
export function standingApprovals(
  context: Pick<RiskContext, "approvals" | "binds" | "created_at">,
  methods: readonly ApprovalMethod[],
  valid_seconds: number,
): Approval[] {
  const { approvals, binds } = context;
  if (approvals === undefined || binds === undefined) return [];
  const people: string[] = [];
  const standing: Approval[] = [];
  for (const approval of approvals) {
    const isBound = approval.binds === binds && methods.includes(approval.method);
    if (!isBound || !isTimely(approval, context.created_at, valid_seconds)) continue;
    const person = personOf(approval.approver);
    if (person === "" || people.includes(person)) continue;
    people.push(person);
    standing.push(approval);
  }
  return standing;
}

function isTimely(approval: Approval, now: number | undefined, valid_seconds: number): boolean {
  if (now === undefined) return valid_seconds === 0;
  const age = now - approval.approved_at_ms;
  return age >= 0 && (valid_seconds === 0 || age < valid_seconds * 1_000);
}

/** One key for spellings of a name that differ in case, width, composition, spaces or invisible characters. */
function personOf(approver: string): string {
  if (isVisibleAscii(approver)) return approver.toLowerCase();
  return approver
    .normalize("NFKC")
    .toLowerCase()
    .toUpperCase()
    .normalize("NFKC")
    .replace(/[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cf}]/gu, "")
    .toLowerCase();
}

function amountText(amount: unknown, path: string): string {
  return isAmount(amount) ? formatAmount(parseAmount(amount)) : refuse(path);
}

function refuse(path: string): never {
  throw new QwgError("invalid_binding", path);
}
