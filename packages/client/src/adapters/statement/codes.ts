/** Why a signed statement of the tip is not accepted. */

/** Every code; codes are stable. */
export const TIP_STATEMENT_CODES = Object.freeze([
  "malformed",
  "unknown_key",
  "key_not_allowed",
  "bad_signature",
  "other_operator",
  "other_chain",
  "dated_in_future",
  "stale",
  "invalid_options",
] as const);
/** Why a signed statement of the tip is not accepted. */
export type TipStatementCode = (typeof TIP_STATEMENT_CODES)[number];
