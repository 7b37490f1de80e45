/** Verifies batches with node:crypto and `@noble/post-quantum` (design, section 3: signing). */
import type { SignatureVerifiers } from "../../signing/ports.js";
import {
  type Verification,
  verifyBatchWith,
  type VerifyOptions,
} from "../../signing/verify-batch.js";
import { verifyEd25519 } from "./ed25519.js";
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
