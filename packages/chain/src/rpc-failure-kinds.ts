/** Kinds of failures of a call to a node: for its client, and for what is recorded of it. */

/** Why a call failed. */
export const RPC_FAILURE_KINDS = Object.freeze([
  /** Nothing listens, or the connection broke. */
  "connection",
  "timeout",
  /** HTTP 401 or 403: cookie, user or password is wrong. */
  "unauthorized",
  /** HTTP 503, or "Work queue depth exceeded": the node is busy. */
  "overloaded",
  /** The node answered with an RPC error; `code` is its code. */
  "rpc",
  /** The answer is no JSON-RPC answer. */
  "garbage",
] as const);
/** Why a call failed. */
export type RpcFailureKind = (typeof RPC_FAILURE_KINDS)[number];
