/** Reason codes of DQSN, and the code of each rejection by the strict parser (design section 4.1). */
import type { ContractErrorCode, EnvelopeDecision } from "@dgb-shield/contract";

/** Why a request is answered ERROR. Codes are stable. */
export const REQUEST_ERROR_CODES = Object.freeze([
  "DQSN_ERROR_PAYLOAD_TOO_LARGE",
  "DQSN_ERROR_DEPTH_EXCEEDED",
  "DQSN_ERROR_DUPLICATE_KEY",
  "DQSN_ERROR_BAD_NUMBER",
  "DQSN_ERROR_INVALID_REQUEST",
  "DQSN_ERROR_SCHEMA_VERSION",
  "DQSN_ERROR_UNKNOWN_TOP_LEVEL_KEY",
  "DQSN_ERROR_NO_SIGNALS",
  "DQSN_ERROR_SIGNAL_TOO_MANY",
  "DQSN_ERROR_SIGNAL_INVALID",
  "DQSN_ERROR_SIGNAL_CONFLICT",
  "DQSN_ERROR_CONSTRAINT_UNMET",
  "DQSN_ERROR_RESPONSE_TOO_LARGE",
] as const);
/** Why a request is answered ERROR. */
export type RequestErrorCode = (typeof REQUEST_ERROR_CODES)[number];

/** Why the network state rejects a v2 signal, beyond the codes of a request. */
export const INGEST_ERROR_CODES = Object.freeze([
  /** `observed_at` is `ttl_ms` or more before the time of the reading. */
  "DQSN_ERROR_SIGNAL_EXPIRED",
  /** The reading gives no time: a bug of the caller, answered by rejecting the signal. */
  "DQSN_ERROR_CLOCK_INVALID",
  /** A bound on signals or bytes is reached, of all, of this node or of this operator, and no milder signal is held. */
  "DQSN_ERROR_STATE_FULL",
] as const);

/** Why a snapshot is refused, beyond the codes of its signals. */
export const RESTORE_ERROR_CODES = Object.freeze([
  /** Not a snapshot: a missing, unknown or wrong field, or one that contradicts another. */
  "DQSN_ERROR_SNAPSHOT_INVALID",
  /** A snapshot whose checksum (`seal`) is not that of its content. */
  "DQSN_ERROR_SNAPSHOT_CORRUPT",
] as const);
/** Why a snapshot is refused. Codes are stable. */
export type RestoreErrorCode = SignalErrorCode | (typeof RESTORE_ERROR_CODES)[number];

/** Why a v2 signal is refused. Codes are stable. */
export type SignalErrorCode = RequestErrorCode | (typeof INGEST_ERROR_CODES)[number];

/** The first reason code by decision; an ERROR has its own code alone. */
export const CODE_OF_DECISION: Readonly<Record<Exclude<EnvelopeDecision, "ERROR">, string>> =
  Object.freeze({ ALLOW: "DQSN_OK_ALLOW", WARN: "DQSN_WARN", BLOCK: "DQSN_BLOCK" });

const CODE_OF_CONTRACT_ERROR: ReadonlyMap<ContractErrorCode, RequestErrorCode> = new Map([
  // [ERROR DQSN_ERROR_PAYLOAD_TOO_LARGE] more than 512,000 bytes
  ["payload_too_large", "DQSN_ERROR_PAYLOAD_TOO_LARGE"],
  // [ERROR DQSN_ERROR_DEPTH_EXCEEDED] nested deeper than 32
  ["depth_exceeded", "DQSN_ERROR_DEPTH_EXCEEDED"],
  // [ERROR DQSN_ERROR_DUPLICATE_KEY] a key twice in one object
  ["duplicate_key", "DQSN_ERROR_DUPLICATE_KEY"],
  // [ERROR DQSN_ERROR_BAD_NUMBER] a number that overflows, or an integer outside ±(2^53−1)
  ["bad_number", "DQSN_ERROR_BAD_NUMBER"],
]);

/** The code for a rejection by the strict parser; one without a code of its own is an invalid request. */
export const codeOfContractError = (code: ContractErrorCode): RequestErrorCode =>
  CODE_OF_CONTRACT_ERROR.get(code) ?? "DQSN_ERROR_INVALID_REQUEST";
