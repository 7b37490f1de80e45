/** Signed batches of signals: Ed25519 and ML-DSA-65 together, in DSSE envelopes (design, section 3: signing). */
export {
  type KeyringFile,
  type Keyring,
  type KeyringKey,
  keyringSchema,
  parseKeyring,
  PUBLIC_KEY_BYTES,
} from "../../signing/keyring.js";
export {
  DEFAULT_MAX_BATCH_LIFETIME_MS,
  keyIdSchema,
  MAX_BATCH_LIFETIME_MS,
  type SignedBatch,
  signedBatchSchema,
  type SignedSignal,
} from "../../signing/batch.js";
export {
  SIGNING_REJECTION_CODES,
  type SigningRejection,
  type SigningRejectionCode,
} from "../../signing/codes.js";
export {
  type DocumentDraft,
  type DocumentTrust,
  type DocumentVerification,
  signDocument,
  verifyDocumentWith,
} from "../../signing/document.js";
export {
  type DsseEnvelope,
  dsseEnvelopeSchema,
  preAuthEncoding,
  SIGNALS_PAYLOAD_TYPE,
} from "../../signing/dsse.js";
export { SigningError, type SigningErrorCode } from "../../signing/errors.js";
export { createMemorySequenceStore } from "../../signing/memory-sequence-store.js";
export type {
  SequenceStore,
  SignaturePair,
  SignatureVerifier,
  SignatureVerifiers,
  Signer,
} from "../../signing/ports.js";
export {
  type BatchDraft,
  SIGNATURE_BYTES,
  signBatch,
  type SignOptions,
} from "../../signing/sign-batch.js";
export {
  DEFAULT_CLOCK_SKEW_MS,
  MAX_CLOCK_SKEW_MS,
  type Verification,
  verifyBatchWith,
  type VerifyOptions,
} from "../../signing/verify-batch.js";
export {
  createLocalSigner,
  generateKeyPair,
  type KeyPair,
  type PublicKeys,
  publicKeysOf,
  type SecretKeys,
} from "./local-signer.js";
export { verifyBatch, verifyDocument } from "./verify-batch.js";
