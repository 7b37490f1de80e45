/** Bounds that no caller can change (contract v3, section 8: mandatory and not configurable). */
export const LIMITS = Object.freeze({
  /** Largest JSON text, in UTF-8 bytes. */
  max_payload_bytes: 512_000,
  /** Deepest nesting; an array or object at the top is depth 1. */
  max_depth: 32,
  /** Signals in one request. */
  max_signals: 64,
  /** Reason codes in one envelope. */
  max_reason_codes: 1_024,
  /** Upstream reason codes in one response: one place is kept for the response's own code. */
  max_upstream_reason_codes: 1_023,
  /** Characters of an identifier (`request_id`, `withdrawal_id`, `node_id`, …). */
  max_id_length: 128,
  /** Deepest response that still carries its signals whole. */
  max_full_response_depth: 30,
  /** Largest response, in canonical bytes, that still carries its signals whole. */
  max_full_response_bytes: 500_000,
  /** Characters of the JSON Pointer in an ERROR response. */
  max_error_path_length: 256,
  /** Largest amount in base units: a signed 64-bit integer, as in the nodes themselves. */
  max_amount_units: 2n ** 63n - 1n,
});
