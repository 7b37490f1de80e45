/** The token that permits one signer to sign one payment (design, section 13). */
import { hash256Schema, idSchema, timeMsSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { keyIdSchema, signatureSchema } from "./approval.js";
import { paymentTermsSchema } from "./payment-terms.js";

/** `typ` of a token's header (RFC 8725, section 3.11): a signature of the service's key on anything else is no token. */
export const TOKEN_TYPE = "vnd.dgb-shield.payment-token.v1+json";

/** How long a token may be valid, in milliseconds: a minute. */
export const MAX_TOKEN_MS = 60_000;

/** Approvals that a token carries at most. */
const MAX_APPROVALS = 64;

/** What a token states. */
export const tokenSchema = paymentTermsSchema.extend({
  token_version: z.literal(1),
  /** 128 random bits, hexadecimal: no two tokens have the same. */
  token_id: z.string().regex(/^[0-9a-f]{32}$/),
  issued_at_ms: timeMsSchema,
  /** The first moment at which it counts no longer. */
  expires_at_ms: timeMsSchema,
  /** The signer that claimed the payment. */
  signer_id: idSchema,
  /** Hash of the decision's record in the ledger. */
  record_hash: hash256Schema,
  /** Id of the transaction that is to be signed, without its signatures; null: the claim named none. */
  transaction: hash256Schema.nullable(),
  /** What the payment's approvers signed; the approved terms are those of the token. */
  approvals: z
    .array(
      z.strictObject({
        key_id: keyIdSchema,
        expires_at_ms: timeMsSchema,
        signature: signatureSchema,
      }),
    )
    .max(MAX_APPROVALS),
});

/** What a token states. */
export type PaymentToken = Readonly<z.infer<typeof tokenSchema>>;
