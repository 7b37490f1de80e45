/** Verifies batches and documents with node:crypto and `@noble/post-quantum` (design, section 3: signing). */
import {
  type DocumentTrust,
  type DocumentVerification,
  verifyDocumentWith,
} from "../../signing/document.js";
import type { SignatureVerifiers } from "../../signing/ports.js";
import {
  type Verification,
  verifyBatchWith,
  type VerifyOptions,
} from "../../signing/verify-batch.js";
import { verifyEd25519 } from "../ed25519/keys.js";
import { verifyMlDsa65 } from "./ml-dsa-65.js";

const VERIFIERS: SignatureVerifiers = { ed25519: verifyEd25519, ml_dsa_65: verifyMlDsa65 };

/**
 * Decides whether a signed batch is accepted. It is when its envelope is well formed, both
 * signatures of one live key of the keyring verify, it is timely, the key is authorised for every signal in
 * it, and its sequence is above the last one of that key, which it then becomes.
 *
 * @param input the envelope: JSON text, its UTF-8 bytes, or the object in memory
 * @returns the batch, or a refusal with a code and a path; never rejects
 * @example
 * const answer = await verifyBatch(text, { keyring, nowMs, store });
 * if (answer.accepted) for (const signal of answer.batch.signals) take(signal);
 */
export const verifyBatch = (input: unknown, options: VerifyOptions): Promise<Verification> =>
  verifyBatchWith(VERIFIERS, input, options);

/**
 * Decides whether a signed document is accepted: its envelope is well formed and of the type, both signatures of one
 * live key of the keyring verify, and the key has the role. It keeps no sequence: a document may be shown again, so
 * its reader must check the time that it states.
 *
 * @param input the envelope: JSON text, its UTF-8 bytes, or the object in memory
 * @returns the document and its key, or a refusal with a code and a path; never throws
 * @example
 * const answer = verifyDocument(text, { keyring, nowMs, payload_type, component: "tip_statement" });
 * if (answer.accepted) read(answer.document);
 */
export const verifyDocument = (input: unknown, trust: DocumentTrust): DocumentVerification =>
  verifyDocumentWith(VERIFIERS, input, trust);
