/** Refusals that several parts of the server give. */
import { type Refusal, refused } from "../../codes.js";

// [REFUSE busy] too many calls of this client wait already
export const BUSY: Refusal = refused(
  "busy",
  "too many calls of this client wait for the node: make fewer at once, and try again",
).refusal;

// [REFUSE node_unavailable] the node certainly did not take the call up
export const NODE_UNAVAILABLE: Refusal = refused(
  "node_unavailable",
  "the node cannot be reached, is starting, or refused the gateway: nothing was executed, try again",
).refusal;

// [REFUSE payment_unsettled] the same payment is under way, or it is not known whether it was sent
export const UNSETTLED: Refusal = refused(
  "payment_unsettled",
  "this payment is under way, or it is not yet known whether it was sent: ask again later with the same identity",
).refusal;

// [REFUSE outcome_unclear] the node did not answer: the payment may have been sent
export const UNCLEAR: Refusal = refused(
  "outcome_unclear",
  "the node did not answer, and the payment may have been sent: ask again later with the same identity",
).refusal;
