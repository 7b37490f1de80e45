/** Signs and verifies one JSON object that is no batch of signals (design, section 3: signing). */
import { checkTimeMs } from "../clock.js";
import { ContractError } from "../errors.js";
import { ownMember, withoutPrototypes } from "../internal/own.js";
import type { JsonObject } from "../json/value.js";
import { authenticate } from "./authenticate.js";
import { encodeCanonical, readCanonical } from "./batch.js";
import type { SigningRejection } from "./codes.js";
import { type DsseEnvelope, readDsseEnvelope, SIGNALS_PAYLOAD_TYPE } from "./dsse.js";
import { Rejected, rejection, SigningError } from "./errors.js";
import type { Keyring, KeyringKey } from "./keyring.js";
import type { SignatureVerifiers, Signer } from "./ports.js";
import { sealed } from "./sign-batch.js";

/** A media type of its own for each kind of document: bytes signed as one kind are never read as another. */
const PAYLOAD_TYPE = /^application\/vnd\.[a-z0-9][a-z0-9.+-]{0,127}$/;

/** A document and its kind. */
export type DocumentDraft = Readonly<{
  /** `application/vnd.…`, not that of batches. */
  payload_type: string;
  /** Plain JSON; the signed bytes are its canonical form. */
  document: JsonObject;
}>;

/**
 * Signs a document with both algorithms of one key.
 *
 * @returns the envelope, to be sent as its JSON text
 * @throws SigningError `invalid_document` (not such a type, not plain JSON, an envelope of more than 512,000 bytes),
 * `signer_failed`
 * @example
 * const envelope = await signDocument({ payload_type: "application/vnd.example.v1+json", document: { a: 1 } }, signer);
 */
export async function signDocument(draft: DocumentDraft, signer: Signer): Promise<DsseEnvelope> {
  const { payload_type, document } = draft;
  if (!isDocumentType(payload_type)) {
    throw new SigningError("invalid_document", "/payload_type", "not the type of a document");
  }
  const envelope = await sealed(payload_type, canonicalOf(document), signer);
  canonicalOf(envelope);
  return envelope;
}

function canonicalOf(value: unknown): Uint8Array {
  try {
    return encodeCanonical(value);
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    throw new SigningError("invalid_document", error.path, error.message, error);
  }
}

const isDocumentType = (type: unknown): type is string =>
  typeof type === "string" && PAYLOAD_TYPE.test(type) && type !== SIGNALS_PAYLOAD_TYPE;

/** What a document is checked against. */
export type DocumentTrust = Readonly<{
  keyring: Keyring;
  /** Now, in milliseconds since 1970-01-01T00:00:00Z. */
  nowMs: number;
  payload_type: string;
  /** The role that the key must have, among its `components`. */
  component: string;
}>;

/** The answer: the document and whose it is, or why not. What the document states is the caller's to check. */
export type DocumentVerification =
  Readonly<{ accepted: true; key: KeyringKey; document: JsonObject }> | SigningRejection;

/**
 * `verifyDocument` over given verifiers.
 *
 * @returns never throws; what it cannot decide it refuses
 */
export function verifyDocumentWith(
  verifiers: SignatureVerifiers,
  input: unknown,
  trust: DocumentTrust,
): DocumentVerification {
  try {
    return verify(verifiers, input, trust);
  } catch (error) {
    return rejection(error instanceof Rejected ? error : new Rejected("invalid_config", ""));
  }
}

function verify(
  verifiers: SignatureVerifiers,
  input: unknown,
  trust: DocumentTrust,
): DocumentVerification {
  const nowMs = ownMember(trust, "nowMs");
  const wrong = checkTimeMs(nowMs);
  if (wrong !== undefined) throw new Rejected("invalid_config", "/nowMs", wrong.detail);
  const payloadType = ownMember(trust, "payload_type");
  if (!isDocumentType(payloadType)) throw new Rejected("invalid_config", "/payload_type");
  const { key, payload } = authenticate(readDsseEnvelope(input), {
    keyring: ownMember(trust, "keyring") as Keyring,
    ...{ verifiers, nowMs: nowMs as number, payloadType },
  });
  const component = ownMember(trust, "component");
  if (typeof component !== "string" || !key.components.includes(component)) {
    throw new Rejected("wrong_role", "/signatures/0/keyid");
  }
  const document = readCanonical(payload);
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw new Rejected("invalid_envelope", "/payload", "not an object");
  }
  return { accepted: true, key, document: withoutPrototypes(document) };
}
