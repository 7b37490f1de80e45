/** Approvals as they are kept: by payment, durable before they are acknowledged (design, section 10). */
import { hash256Schema, idSchema, ShieldError, timeMsSchema } from "@dgb-shield/contract";
import { z } from "zod";
import type { PaymentApproval } from "../../service.js";

/** How long an approval counts, in milliseconds: a day. */
export const APPROVAL_VALID_MS = 86_400_000;

/** Approvals of one payment at most. */
export const MAX_APPROVALS = 64;
/** Of these, of one approver: so that none takes the others' room. */
export const MAX_OF_APPROVER = 8;

/** What is wrong with approvals. */
type ApprovalErrorCode = "approvals_unavailable" | "too_many_approvals";

/** Approvals that cannot be read or kept, or one too many; the message names no payment and no person. */
export class ApprovalError extends ShieldError<ApprovalErrorCode> {
  override readonly name = "ApprovalError";

  constructor(code: ApprovalErrorCode, cause?: unknown) {
    super({ code, detail: TEXTS[code], cause });
  }
}

const TEXTS: Readonly<Record<ApprovalErrorCode, string>> = {
  approvals_unavailable:
    "approvals cannot be read or kept: check the disk of data_dir, or the database",
  too_many_approvals: `a payment has at most ${MAX_APPROVALS} approvals, ${MAX_OF_APPROVER} of one approver`,
};

/** One approval as it is stored. */
export const approvalSchema = z.strictObject({
  payment_id: idSchema,
  approver: idSchema,
  approved_at_ms: timeMsSchema,
  binds: hash256Schema,
  /** What the approver signed with; absent where the approval counts by the caller's role alone. */
  signed: z
    .strictObject({ key_id: z.string(), expires_at_ms: timeMsSchema, signature: z.string() })
    .optional(),
});

/** Where approvals are kept. */
export type ApprovalStore = Readonly<{
  /**
   * Resolves when the approval would survive a power cut. The same approval again changes nothing.
   *
   * @throws ApprovalError `too_many_approvals`, `approvals_unavailable`
   */
  add(approval: PaymentApproval): Promise<void>;
  /**
   * Approvals of a payment that count now, oldest first.
   *
   * @throws ApprovalError `approvals_unavailable`
   */
  of(paymentId: string): Promise<readonly PaymentApproval[]>;
  /** Whether only signed approvals count, for good: an approver's key was configured once. */
  isSignedOnly(): Promise<boolean>;
  /** Makes only signed approvals count from now on; resolves when that would survive a power cut. */
  setSignedOnly(): Promise<void>;
  close(): Promise<void>;
}>;

/** Whether an approval counts at a time: neither expired nor from the future. */
export const isStanding = ({ approved_at_ms, signed }: PaymentApproval, nowMs: number): boolean =>
  nowMs - approved_at_ms < APPROVAL_VALID_MS &&
  approved_at_ms <= nowMs &&
  nowMs < (signed?.expires_at_ms ?? Infinity);

/** Whether a standing approval makes another one needless: of the same approver and payment, and for no shorter time. */
export const covers = (known: PaymentApproval, other: PaymentApproval): boolean =>
  known.approver === other.approver &&
  known.binds === other.binds &&
  known.signed?.key_id === other.signed?.key_id &&
  (known.signed?.expires_at_ms ?? 0) >= (other.signed?.expires_at_ms ?? 0);
