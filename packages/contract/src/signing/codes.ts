/** Codes and shape of a rejected batch; codes are stable (design, section 3: signing). */
import { frozen } from "../internal/frozen.js";
import type { ContractErrorCode } from "../errors.js";

/** Rejections by signing itself; text that is not strict JSON has the codes of `ContractError`. */
export const SIGNING_REJECTION_CODES = frozen([
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
  /** The key is not in the keyring. */
  "unknown_key",
  "revoked_key",
  /** Now, or the time of issue, is before the key's `not_before_ms`. */
  "key_not_yet_valid",
  "key_expired",
  /** A signature does not fit the payload; the path names it. */
  "bad_signature",
  /** A verifier threw. */
  "verifier_failed",
  /** The payload is not in canonical form. */
  "not_canonical",
  /** The payload is not a batch. */
  "invalid_batch",
  /** The batch names another key than the one that signed it. */
  "key_mismatch",
  /** A component (v3) or source (v2) that is not a role of the key. */
  "wrong_role",
  /** An operator, node or wallet that is not among the names of the key. */
  "name_not_allowed",
  /** The batch would be accepted for longer than `max_batch_lifetime_ms` after it was issued. */
  "batch_lifetime_exceeded",
  "issued_in_future",
  "batch_expired",
  /** Not above the last sequence of this key: a replay, or overtaken. */
  "old_sequence",
  /** The sequence store threw, or gave no boolean. */
  "store_unavailable",
  /** Time, clock skew, lifetime, keyring or store of the caller cannot be used. */
  "invalid_config",
]);

/** Why a signed batch is refused. */
export type SigningRejectionCode = (typeof SIGNING_REJECTION_CODES)[number] | ContractErrorCode;

/** A rejection: what is wrong and where. */
export type SigningRejection = Readonly<{
  accepted: false;
  code: SigningRejectionCode;
  /** JSON Pointer into the envelope; below `/payload` it goes on inside the decoded payload. */
  path: string;
  /** What is wrong, in English, where the code alone is not enough: for people, and not stable. */
  detail?: string;
}>;
