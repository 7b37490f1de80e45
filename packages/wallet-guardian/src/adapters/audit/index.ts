/** Proof of what was decided: a tree over the records, signed checkpoints, proofs (design, section 7: proof). */
export {
  type Checkpoint,
  type CheckpointOrigin,
  checkpointSchema,
  PROOF_CODES,
  type ProofCode,
  type ProofRefusal,
} from "../../audit/checkpoint.js";
export {
  erasedValues,
  isCommitted,
  leafHash,
  openRecord,
  saltedLeafHash,
  withoutPersonalData,
} from "../../audit/erasable.js";
export { erasePersonalData } from "../../audit/erase.js";
export {
  type Erased,
  type ErasureCode,
  ErasureError,
  type ErasureOrder,
  type ErasureParts,
  type Whose,
} from "../../audit/erasure.js";
export type { AuditFinding } from "../../audit/findings.js";
export { createFrontier, type Frontier } from "../../audit/frontier.js";
export { EMPTY_ROOT, nodeHash, prunedLeafHash } from "../../audit/hashes.js";
export {
  appendLeaves,
  createMemoryHashStore,
  frontierOf,
  type HashStore,
} from "../../audit/hash-store.js";
export {
  isAbout,
  MAX_PROVEN_RECORDS,
  type PaymentProof,
  paymentProofSchema,
  type ProvenPayment,
  type ProvenRecord,
} from "../../audit/payment-proof.js";
export {
  consistencyProof,
  inclusionProof,
  type TreeHead,
  verifyConsistency,
  verifyInclusion,
} from "../../audit/proofs.js";
export { type PersonalRead, type PersonalValue, readPersonal } from "../../audit/personal.js";
export { createMemorySaltStore, type SaltStore, saltsFrom } from "../../audit/salt-store.js";
export { recordPages, seqOf, type SourceItem } from "../../audit/record-source.js";
export { type Verified, type VerifyInput, verifyRecords } from "../../audit/verify-records.js";
export {
  CHECKPOINT_ROLE,
  CHECKPOINT_TYPE,
  type CheckpointTrust,
  type CheckpointVerification,
  signCheckpoint,
  verifyCheckpoint,
} from "./checkpoints.js";
export {
  provePayment,
  proveRecords,
  refuseContinuation,
  type SignedCheckpoint,
  verifyPaymentProof,
} from "./proofs.js";
