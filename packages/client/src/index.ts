/** What stands outside the service: the documents that approvers sign, and the tokens that signers verify. */
export {
  type ApprovalDocument,
  approvalSchema,
  APPROVAL_TYPE,
  MAX_APPROVAL_MS,
  type SignedApproval,
  signedApprovalSchema,
} from "./approval.js";
export {
  bindingOf,
  MAX_PAYOUTS,
  type PaymentTerms,
  paymentTermsSchema,
  type Payout,
} from "./payment-terms.js";
export {
  type ApproverKey,
  approverKeySchema,
  approverName,
  isInForce,
  type Pins,
  type PinsInput,
  pinsSchema,
} from "./pins.js";
export { approversNeeded, EXTERNAL, type Thresholds, thresholdsSchema } from "./thresholds.js";
export { MAX_TOKEN_MS, type PaymentToken, TOKEN_TYPE, tokenSchema } from "./token.js";
