/** What signing needs from outside: keys that sign, algorithms, and a memory of sequences. */

/** The two signatures of one message. */
export type SignaturePair = Readonly<{
  /** 64 bytes (RFC 8032, pure Ed25519). */
  ed25519: Uint8Array;
  /** 3,309 bytes (FIPS 204, pure ML-DSA-65 with an empty context). */
  ml_dsa_65: Uint8Array;
}>;

/** Signs with one key; a KMS or an HSM may stand behind it. */
export interface Signer {
  readonly key_id: string;
  /** @param preAuthEncoding the bytes to sign, not a hash of them; both signatures or a rejection */
  sign(preAuthEncoding: Uint8Array): Promise<SignaturePair>;
}

/** Whether `signature` is a signature of `message` under `publicKey`; only `true` is yes. */
export type SignatureVerifier = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean;

/** One verifier for each algorithm. */
export type SignatureVerifiers = Readonly<{
  ed25519: SignatureVerifier;
  ml_dsa_65: SignatureVerifier;
}>;

/** Stores, durably, the last sequence accepted for each key. */
export interface SequenceStore {
  /**
   * Compares and advances in one atomic step: when `sequence` is above the last one of `key_id`, or
   * there is none, it becomes the last one.
   *
   * In SQL: `INSERT … ON CONFLICT (key_id) DO UPDATE SET last = excluded.last WHERE last <
   * excluded.last`, and whether a row changed.
   *
   * @returns true after the advance is durable; false when `sequence` is not above the last one. Of
   * concurrent calls with one sequence exactly one gets true. Rejects when the store cannot answer.
   */
  advance(key_id: string, sequence: number): Promise<boolean>;
}

const MAX_KEY_ID = 128;

/**
 * Checks the arguments of `advance`.
 *
 * @throws RangeError for a sequence that is no integer from 0 to 2^53−1, or a key id that no keyring has
 */
export function checkAdvance(keyId: unknown, sequence: unknown): void {
  if (typeof keyId !== "string" || keyId.length === 0 || keyId.length > MAX_KEY_ID) {
    throw new RangeError("not the id of a key");
  }
  if (!Number.isSafeInteger(sequence) || Number(sequence) < 0)
    throw new RangeError("not a sequence");
}
