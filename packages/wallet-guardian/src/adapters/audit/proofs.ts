/** Makes and verifies proofs of payments, and that one checkpoint continues another. */
import { canonicalize, type JsonObject, parseStrictJson } from "@dgb-shield/contract";
import type { DsseEnvelope } from "@dgb-shield/contract/signing";
import { type Checkpoint, proofRefusal, type ProofRefusal } from "../../audit/checkpoint.js";
import { leafHash } from "../../audit/erasable.js";
import type { HashStore } from "../../audit/hash-store.js";
import {
  isAbout,
  MAX_PROVEN_RECORDS,
  type PaymentProof,
  paymentProofSchema,
  type ProvenPayment,
  type ProvenRecord,
} from "../../audit/payment-proof.js";
import { inclusionProof, verifyConsistency, verifyInclusion } from "../../audit/proofs.js";
import { safeParse } from "../../internal/parse.js";
import type { LedgerRecord } from "../../ports.js";
import { type CheckpointTrust, malformed, verifyCheckpoint } from "./checkpoints.js";

/** A checkpoint, and the envelope in which it is signed. */
export type SignedCheckpoint = Readonly<{ checkpoint: Checkpoint; envelope: DsseEnvelope }>;

/**
 * Proves records: reads their inclusion proofs, and holds each against the checkpoint's root.
 *
 * @param records those that the checkpoint covers, each with its salts (`openRecord`) where it has any
 * @throws RangeError where a record is not in the tree as it is stored, or not covered
 */
export async function proveRecords(
  store: HashStore,
  records: readonly LedgerRecord[],
  { tree_size: size, root }: Pick<Checkpoint, "tree_size" | "root">,
): Promise<readonly ProvenRecord[]> {
  const proven: ProvenRecord[] = [];
  for (const record of records) {
    const hashes = await inclusionProof(store, record.seq - 1, size);
    if (!verifyInclusion(leafHash(record), record.seq - 1, { size, root }, hashes)) {
      throw new RangeError(
        `record ${record.seq} is not the one that was signed: shield audit verify shows what differs`,
      );
    }
    proven.push({ ...record, hashes });
  }
  return proven;
}

/**
 * Makes the proof of a payment.
 *
 * @param records those of the payment, in their order, at most 1,000
 * @throws RangeError as `proveRecords`, and for no record or too many
 */
export async function provePayment(
  store: HashStore,
  payment: Readonly<{ payment_id: string; records: readonly LedgerRecord[] }>,
  { checkpoint, envelope }: SignedCheckpoint,
): Promise<PaymentProof> {
  const { payment_id, records } = payment;
  if (records.length === 0 || records.length > MAX_PROVEN_RECORDS)
    throw new RangeError(`a proof holds 1 to ${MAX_PROVEN_RECORDS} records`);
  return {
    proof_version: 1,
    payment_id,
    records: await proveRecords(store, records, checkpoint),
    checkpoint: parseStrictJson(canonicalize(envelope)) as JsonObject,
  };
}

/**
 * Decides, without ledger and connection, whether a proof of a payment is accepted: its checkpoint is, each of its
 * records is in the tree of that, and each is about the payment.
 *
 * @param input JSON text, or its UTF-8 bytes
 * @returns the records, or a refusal; never throws
 * @example
 * const answer = verifyPaymentProof(text, { keys: parseKeyring(file) });
 * if (answer.accepted) show(answer.records);
 */
export function verifyPaymentProof(
  input: string | Uint8Array,
  trust: CheckpointTrust,
): ProvenPayment | ProofRefusal {
  const proof = readProof(input);
  if (proof === undefined) return malformed("", "not a proof of a payment of this version");
  const answer = verifyCheckpoint(proof.checkpoint, trust);
  if (!answer.accepted) return { ...answer, path: `/checkpoint${answer.path}` };
  const { checkpoint, key_id } = answer;
  const head = { size: checkpoint.tree_size, root: checkpoint.root };
  let last = 0;
  for (const [at, one] of proof.records.entries()) {
    const { hashes, ...record } = one;
    const path = `/records/${at}`;
    // [REJECT not_included] another record, another place, or another order
    if (record.seq <= last || !verifyInclusion(leafHash(record), record.seq - 1, head, hashes)) {
      return proofRefusal("not_included", path, `record ${record.seq} is not in the signed tree`);
    }
    // [REJECT other_payment] a record of another payment proves nothing about this one
    if (!isAbout(record.record, proof.payment_id)) {
      return proofRefusal("other_payment", path, `record ${record.seq} is not of this payment`);
    }
    last = record.seq;
  }
  const { payment_id, records } = proof;
  return { accepted: true, payment_id, records, checkpoint, key_id };
}

function readProof(input: string | Uint8Array): PaymentProof | undefined {
  try {
    const read = safeParse(paymentProofSchema, parseStrictJson(input));
    return read.success ? read.data : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Decides whether a checkpoint continues an earlier one of the same ledger: nothing that was signed was changed.
 * After an adoption a ledger may be shorter, so only checkpoints of one epoch are compared.
 *
 * @param hashes the consistency proof
 * @returns undefined where it does, else why not; never throws
 */
export function refuseContinuation(
  earlier: Checkpoint,
  later: Checkpoint,
  hashes: readonly string[],
): ProofRefusal | undefined {
  if (earlier.ledger_id !== later.ledger_id || earlier.epoch !== later.epoch)
    return proofRefusal("not_consistent", "/payload/ledger_id", "of another ledger, or epoch");
  const before = { size: earlier.tree_size, root: earlier.root };
  const after = { size: later.tree_size, root: later.root };
  // [REJECT not_consistent] something that was signed before is not in the later tree
  if (!verifyConsistency(before, after, hashes)) {
    return proofRefusal(
      "not_consistent",
      "/hashes",
      `the tree of ${later.tree_size} records does not begin with the signed one of ${earlier.tree_size}`,
    );
  }
  return undefined;
}
