/** Why a signed batch is refused; codes are stable (design: signing). */
import { frozen } from "../internal/frozen.js";
import type { ContractErrorCode } from "../errors.js";

/** Refusals of signing itself; text that is not strict JSON has the codes of `ContractError`. */
export const SIGNING_REFUSAL_CODES = frozen([
  /** Not a DSSE envelope of exactly `payloadType`, `payload` and `signatures`. */
  "invalid_envelope",
  "unknown_payload_type",
  "invalid_base64",
  /** One of the two signatures is not there. */
  "missing_signature",
  /** One signature id occurs twice. */
  "duplicate_signature",
  /** A signature of another algorithm, or of a second key. */
  "unexpected_signature",
  /** The keyring does not know the key. */
  "unknown_key",
  "revoked_key",
  /** Now, or the time of issue, is before the key's `not_before_ms`. */
  "key_not_yet_valid",
  "key_expired",
  /** A signature does not fit the payload; the path says which. */
  "bad_signature",
  /** A verifier threw. */
  "verifier_failed",
  /** The payload is not in canonical form. */
  "not_canonical",
  /** The payload is not a batch. */
  "invalid_batch",
  /** The batch names another key than the one that signed it. */
  "key_mismatch",
  /** A component (v3) or source (v2) that the key may not speak as. */
  "wrong_role",
  /** An operator, node or wallet that the key may not speak for. */
  "name_not_allowed",
  /** The batch would be accepted for longer than `max_batch_lifetime_ms` after it was issued. */
  "batch_lifetime_exceeded",
  "issued_in_future",
  "batch_expired",
  /** Not above the last sequence of this key: a replay, or overtaken. */
  "old_sequence",
  /** The sequence store could not say. */
  "store_unavailable",
  /** Time, clock skew, lifetime, keyring or store of the caller cannot be used. */
  "invalid_options",
]);

/** Why a signed batch is refused. */
export type SigningRefusalCode = (typeof SIGNING_REFUSAL_CODES)[number] | ContractErrorCode;

/** A refusal: what is wrong and where. */
export type SigningRefusal = Readonly<{
  accepted: false;
  code: SigningRefusalCode;
  /** JSON Pointer into the envelope; below `/payload` it goes on inside the decoded payload. */
  path: string;
  /** What is wrong, in words, where the code does not say it: for people, and not stable. */
  detail?: string;
}>;
