/** The form of a proof of one payment: its records, each with its place in a signed tree. */
import {
  hash256Schema,
  idSchema,
  type JsonObject,
  jsonObjectSchema,
  timeMsSchema,
} from "@dgb-shield/contract";
import { z } from "zod";
import { type LedgerRecord, RECORD_KINDS } from "../ports.js";
import type { Checkpoint } from "./checkpoint.js";

/** Hashes of one proof at most: a tree of 2^53 leaves needs no more. */
const MAX_HASHES = 53;
/** Records of one payment at most. */
export const MAX_PROVEN_RECORDS = 1_000;

const provenRecordSchema = z.strictObject({
  seq: z.int().min(1),
  at_ms: timeMsSchema,
  kind: z.enum(RECORD_KINDS),
  record: jsonObjectSchema,
  /** Inclusion proof, the neighbour of the leaf first. */
  hashes: z.array(hash256Schema).max(MAX_HASHES),
});

/** Schema of a payment's proof; the checkpoint's envelope is checked by its own. */
export const paymentProofSchema = z.strictObject({
  proof_version: z.literal(1),
  payment_id: idSchema,
  records: z.array(provenRecordSchema).min(1).max(MAX_PROVEN_RECORDS),
  checkpoint: jsonObjectSchema,
});

/** A record with its inclusion proof. */
export type ProvenRecord = Readonly<LedgerRecord & { hashes: readonly string[] }>;

/** The proof of one payment. It shows that these are records of it, not that there are no others. */
export type PaymentProof = Readonly<{
  proof_version: 1;
  payment_id: string;
  records: readonly ProvenRecord[];
  /** DSSE envelope of the checkpoint. */
  checkpoint: JsonObject;
}>;

/** A proof that was verified. */
export type ProvenPayment = Readonly<{
  accepted: true;
  payment_id: string;
  records: readonly ProvenRecord[];
  checkpoint: Checkpoint;
  key_id: string;
}>;

/** Fields by which a record names a payment or a payout. */
const NAMES = new Set(["withdrawal_id", "payment_id"]);

/**
 * Checks whether a record is about a payment: whether it names the id as `withdrawal_id` or `payment_id`, at any depth.
 *
 * @param id of a withdrawal, a payment or a payout
 */
export function isAbout(record: JsonObject, id: string): boolean {
  return Object.entries(record).some(
    ([name, value]) => (value === id && NAMES.has(name)) || holds(value, id),
  );
}

function holds(value: unknown, id: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Array.isArray(value)
    ? value.some((member) => holds(member, id))
    : isAbout(value as JsonObject, id);
}
