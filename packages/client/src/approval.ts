/** Approvals as approvers sign them (design, section 13). */
import { timeMsSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { type PaymentTerms, paymentTermsSchema } from "./payment-terms.js";

/** Kind of what an approver signs: bytes signed as another kind are no approval. */
export const APPROVAL_TYPE = "application/vnd.dgb-shield.approval.v1+json";

/** How long an approval counts at most, in milliseconds: a week. */
export const MAX_APPROVAL_MS = 604_800_000;

/** Id of an approver's or the service's key. */
export const keyIdSchema = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);

/** An Ed25519 public key: 32 bytes, base64url. */
export const publicKeySchema = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** An Ed25519 signature: 64 bytes, base64url. */
export const signatureSchema = z.string().regex(/^[A-Za-z0-9_-]{86}$/);

/** What an approver signs: the terms of one payment, and until when the approval counts. */
export const approvalSchema = paymentTermsSchema.extend({ expires_at_ms: timeMsSchema });

/** A signed approval. */
export const signedApprovalSchema = z.strictObject({
  approval: approvalSchema,
  /** The approver's key. */
  key_id: keyIdSchema,
  /** Over type and canonical form of the approval. */
  signature: signatureSchema,
});

/** What an approver signs. */
export type ApprovalDocument = PaymentTerms & Readonly<{ expires_at_ms: number }>;
/** A signed approval. */
export type SignedApproval = Readonly<Omit<z.infer<typeof signedApprovalSchema>, "approval">> &
  Readonly<{ approval: ApprovalDocument }>;
