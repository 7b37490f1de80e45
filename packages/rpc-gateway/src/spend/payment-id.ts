/** Identity of a payment: where it comes from, and how it is found again in the wallet. */
import { type Checked, passed, refused } from "../codes.js";

/** Where a client's payments have their identity. */
export const PAYMENT_ID_SOURCES = Object.freeze(["header", "comment", "generated"] as const);
/**
 * `header`: the request's `shield-payment-id`. `comment`: the wallet's comment, as the client writes it.
 * `generated`: a new one for each call, so that a retry is another payment.
 */
export type PaymentIdSource = (typeof PAYMENT_ID_SOURCES)[number];

/** Name of the HTTP header. */
export const PAYMENT_ID_HEADER = "shield-payment-id";

/** Before an id that the gateway wrote into a comment. */
const MARK = "shield:";

const ID = /^[!-~]{1,128}$/;

/**
 * Finds the identity of a payment.
 *
 * @param header the request's header
 * @param comment the wallet's comment as the client wrote it
 * @returns null where the hook is to make one
 */
export function readPaymentId(
  source: PaymentIdSource,
  header: string | undefined,
  comment: string | undefined,
): Checked<string | null> {
  if (source === "generated") return passed(null);
  const id = source === "header" ? header : comment;
  // [REFUSE payment_id_missing] a retry could not be recognised
  if (id === undefined) {
    return refused(
      "payment_id_missing",
      source === "header"
        ? `the payment has no identity: send the header ${PAYMENT_ID_HEADER}`
        : "the payment has no identity: write it into the comment",
    );
  }
  // [REFUSE payment_id_invalid] not 1 to 128 visible ASCII characters, or one that looks like the gateway's own mark
  if (!ID.test(id) || id.startsWith(MARK)) {
    return refused(
      "payment_id_invalid",
      `a payment's identity is 1 to 128 visible ASCII characters and does not begin with ${MARK}`,
    );
  }
  return passed(id);
}

/** The comment that the wallet keeps. */
export function commentOf(
  source: PaymentIdSource,
  id: string,
  comment: string | undefined,
): string {
  if (source === "comment") return id;
  return comment === undefined ? MARK + id : `${MARK}${id} ${comment}`;
}

/** Whether a wallet's comment is of this payment. */
export const isCommentOf = (comment: unknown, id: string): boolean =>
  typeof comment === "string" &&
  (comment === id || comment === MARK + id || comment.startsWith(`${MARK}${id} `));
