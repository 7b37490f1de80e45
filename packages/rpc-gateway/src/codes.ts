/** Codes of the gateway's own refusals; those of policy and hook are passed on as they are. */

/** Every code that the gateway itself answers with. Stable. */
export const GATEWAY_CODES = Object.freeze([
  // HTTP
  "host_unknown",
  "browser_refused",
  "path_unknown",
  "method_not_allowed",
  "header_refused",
  "media_type",
  "unauthenticated",
  "body_too_large",
  "body_incomplete",
  // JSON-RPC
  "invalid_json",
  "batch_too_large",
  "invalid_request",
  "wallet_unknown",
  "policy_failed",
  "rate_exceeded",
  "busy",
  // Parameters
  "parameters_ambiguous",
  "parameter_unknown",
  "parameter_invalid",
  "option_refused",
  "unlock_too_long",
  "psbt_refused",
  // Payments
  "notification_refused",
  "decoder_missing",
  "sendall_refused",
  "amount_invalid",
  "address_unreadable",
  "fee_rate_too_high",
  "payment_id_missing",
  "payment_id_invalid",
  "hook_failed",
  "not_signed",
  "transaction_differs",
  "payment_unsettled",
  "outcome_unclear",
  // Transactions
  "asset_unknown",
  "transaction_unknown",
  "output_unknown",
  "output_valueless",
  "input_unresolved",
  "input_valueless",
  "inputs_too_many",
  "utxo_false",
  "fee_negative",
  "fee_too_high",
  "sighash_refused",
  "not_final_yet",
  "package_shape",
  "replacement_unrelated",
  "replacement_changed",
  "replacement_cheaper",
  "replaced_unknown",
  "bump_unavailable",
  "payment_made",
  // The node
  "node_unavailable",
  "node_unreadable",
  "closing",
] as const);

/** A code of the gateway. */
export type GatewayCode = (typeof GATEWAY_CODES)[number];

/** Why a call does not run. */
export type Refusal = Readonly<{
  /** One of `GATEWAY_CODES`, or a code of policy or hook. */
  code: string;
  /** What is wrong, and what to do; without values of parameters. */
  text: string;
  /** When another try could help, in milliseconds. */
  retry_after_ms?: number;
}>;

/** Something, or a refusal. */
export type Checked<T> =
  Readonly<{ ok: true; value: T }> | Readonly<{ ok: false; refusal: Refusal }>;

/** A refusal by the gateway. */
export const refused = (
  code: GatewayCode,
  text: string,
): Readonly<{ ok: false; refusal: Refusal }> => ({ ok: false, refusal: { code, text } });

/** A value that passed. */
export const passed = <T>(value: T): Readonly<{ ok: true; value: T }> => ({ ok: true, value });
