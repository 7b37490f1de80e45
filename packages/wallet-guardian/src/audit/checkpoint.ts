/** Checkpoints: what is signed of a tree over a ledger's records (design, section 7: proof). */
import { hash256Schema, idSchema, type JsonObject, timeMsSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { safeParse } from "../internal/parse.js";

/** Schema of a checkpoint. */
export const checkpointSchema = z.strictObject({
  checkpoint_version: z.literal(1),
  /** Name of the deployment that signs. */
  deployment_id: idSchema,
  /** Hash of the chain's first block; null where the chain's parameters name none. */
  genesis: hash256Schema.nullable(),
  /** The ledger, and how often it was adopted. */
  ledger_id: z.string().regex(/^[0-9a-f]{32}$/),
  epoch: z.int().min(1),
  /** Records in the tree: those with the numbers 1 to this one. */
  tree_size: z.int().min(1),
  root: hash256Schema,
  /** When it was signed, by the signer's clock. */
  at_ms: timeMsSchema,
});

/** A checkpoint. */
export type Checkpoint = Readonly<z.infer<typeof checkpointSchema>>;

/** Whose checkpoints are accepted. */
export type CheckpointOrigin = Pick<Checkpoint, "deployment_id" | "genesis">;

/** Codes of refused checkpoints and proofs. */
export const PROOF_CODES = Object.freeze([
  "malformed",
  "unknown_key",
  "key_not_allowed",
  "bad_signature",
  "other_deployment",
  "other_chain",
  "not_included",
  "other_payment",
  "not_consistent",
] as const);
/** One of `PROOF_CODES`. */
export type ProofCode = (typeof PROOF_CODES)[number];

/** A refused checkpoint or proof. */
export type ProofRefusal = Readonly<{
  accepted: false;
  code: ProofCode;
  /** JSON Pointer of what is wrong. */
  path: string;
  /** In English, for people. */
  detail: string;
}>;

/** Makes a refusal. */
export const proofRefusal = (code: ProofCode, path: string, detail: string): ProofRefusal => ({
  ...{ accepted: false, code, path, detail },
});

/** Reads a checkpoint out of a signed document; undefined for anything else. */
export function readCheckpoint(document: JsonObject): Checkpoint | undefined {
  const read = safeParse(checkpointSchema, document);
  return read.success ? Object.freeze(read.data) : undefined;
}
