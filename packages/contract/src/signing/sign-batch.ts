/** Signs a batch of signals with both algorithms of one key (design, section 3: signing). */
import { frozen } from "../internal/frozen.js";
import { firstErrorPath } from "../json/pointer.js";
import { checkTimeMs } from "../clock.js";
import { ContractError } from "../errors.js";
import { ownMember } from "../internal/own.js";
import { ALGORITHMS } from "./authenticate.js";
import { encodeBase64 } from "./base64.js";
import {
  DEFAULT_MAX_BATCH_LIFETIME_MS,
  encodeCanonical,
  isLifetime,
  isShortLived,
  type SignedBatch,
  signedBatchSchema,
} from "./batch.js";
import { type DsseEnvelope, preAuthEncoding, SIGNALS_PAYLOAD_TYPE } from "./dsse.js";
import { SigningError } from "./errors.js";
import type { SignaturePair, Signer } from "./ports.js";

/** Bytes of a signature of each algorithm. */
export const SIGNATURE_BYTES = frozen({ ed25519: 64, ml_dsa_65: 3_309 });

/** A batch before it is signed; the key is the signer's. */
export type BatchDraft = Omit<SignedBatch, "key_id">;

/** How a batch is signed. */
export type SignOptions = Readonly<{
  /** How long after `issued_at_ms` the batch may expire: 1–86,400,000 milliseconds, default 3,600,000. */
  max_batch_lifetime_ms?: number;
}>;

/**
 * Signs a batch. ML-DSA takes milliseconds: sign batches and checkpoints, not every decision.
 *
 * @param draft up to 64 signals, times in milliseconds since 1970-01-01T00:00:00Z, and a sequence
 * above the last one of this key, which the caller keeps durably
 * @returns the envelope, to be sent as its JSON text
 * @throws SigningError `invalid_batch` with the path of the first error (a batch that
 * `verifyBatch` would not accept: no signal, an invalid one, one nested deeper than 30, an envelope of
 * more than 512,000 bytes, seconds for milliseconds, a longer lifetime than is allowed), `signer_failed` when the signer rejects or gives something else than two
 * signatures
 */
export async function signBatch(
  draft: BatchDraft,
  signer: Signer,
  options: SignOptions = {},
): Promise<DsseEnvelope> {
  const payload = payloadOf({ ...draft, key_id: signer.key_id }, options);
  const envelope = await sealed(SIGNALS_PAYLOAD_TYPE, payload, signer);
  canonicalOf(envelope);
  return envelope;
}

/**
 * The envelope of signed bytes.
 *
 * @throws SigningError `signer_failed`
 */
export async function sealed(
  payloadType: string,
  payload: Uint8Array,
  signer: Signer,
): Promise<DsseEnvelope> {
  const pair = await signaturesOf(signer, preAuthEncoding(payloadType, payload));
  return {
    payloadType,
    payload: encodeBase64(payload),
    signatures: ALGORITHMS.map(({ field, suffix }) => ({
      keyid: `${signer.key_id}${suffix}`,
      sig: encodeBase64(pair[field]),
    })),
  };
}

function payloadOf(batch: SignedBatch, options: SignOptions): Uint8Array {
  const payload = canonicalOf(batch);
  const { error, data } = signedBatchSchema.safeParse(batch);
  if (error !== undefined) {
    throw new SigningError("invalid_batch", firstErrorPath(error), "not a batch");
  }
  const wrong = checkTimeMs(data.issued_at_ms);
  if (wrong !== undefined) throw new SigningError("invalid_batch", "/issued_at_ms", wrong.detail);
  const given = ownMember(options, "max_batch_lifetime_ms");
  const lifetime = given === undefined ? DEFAULT_MAX_BATCH_LIFETIME_MS : given;
  if (!isLifetime(lifetime) || !isShortLived(data, lifetime)) {
    throw new SigningError("invalid_batch", "/expires_at_ms", "the batch would be valid too long");
  }
  return payload;
}

function canonicalOf(value: unknown): Uint8Array {
  try {
    return encodeCanonical(value);
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    throw new SigningError("invalid_batch", error.path, error.message, error);
  }
}

async function signaturesOf(signer: Signer, message: Uint8Array): Promise<SignaturePair> {
  try {
    const pair = await signer.sign(message);
    if (ALGORITHMS.every(({ field }) => isSignature(pair[field], SIGNATURE_BYTES[field]))) {
      return pair;
    }
  } catch (error) {
    throw new SigningError("signer_failed", "", "the signer gave no signatures", error);
  }
  throw new SigningError("signer_failed", "", "the signer gave something else than signatures");
}

const isSignature = (value: unknown, bytes: number): boolean =>
  value instanceof Uint8Array && value.length === bytes;
