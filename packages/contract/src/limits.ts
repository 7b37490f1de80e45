/** The version of the contract, and bounds that no caller can change (contract v3, sections 1 and 8). */

/** The version of the Shield Contract that this package implements. */
export const CONTRACT_VERSION = 3;

/** Mandatory bounds; none is configurable. */
export const LIMITS = Object.freeze({
  /** Largest JSON text, in UTF-8 bytes. */
  maxPayloadBytes: 512_000,
  /** Deepest nesting; an array or object at the top is depth 1. */
  maxDepth: 32,
  /** Signals in one request. */
  maxSignals: 64,
  /** Reason codes in one envelope. */
  maxReasonCodes: 1_024,
  /** Upstream reason codes in one response: one place is kept for the response's own code. */
  maxUpstreamReasonCodes: 1_023,
  /** Characters of an identifier (`request_id`, `withdrawal_id`, `node_id`, …). */
  maxIdLength: 128,
  /** Deepest response that still carries its signals whole. */
  maxFullResponseDepth: 30,
  /** Largest response, in canonical bytes, that still carries its signals whole. */
  maxFullResponseBytes: 500_000,
  /** Characters of a JSON Pointer in an answer. */
  maxPath: 256,
  /** Largest amount in base units: a signed 64-bit integer, as in the nodes themselves. */
  maxAmountUnits: 2n ** 63n - 1n,
});
