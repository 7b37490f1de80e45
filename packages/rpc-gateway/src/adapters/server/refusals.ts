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
