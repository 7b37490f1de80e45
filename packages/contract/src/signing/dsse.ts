/** DSSE envelopes: a payload, its type and detached signatures (design, section 3: signing; DSSE v1.0). */
import { z } from "zod";
import { strictObject } from "../schemas/own-object.js";
import { firstErrorPath } from "../json/pointer.js";
import { LIMITS } from "../limits.js";
import { copyUntrusted } from "../json/untrusted-copy.js";
import { parseStrictJson } from "../json/parse-strict.js";
import { Rejected, rejectAt } from "./errors.js";

/** The only payload type that is signed and accepted. */
export const SIGNALS_PAYLOAD_TYPE = "application/vnd.dgb-shield.signals.v3+json";

/** More signatures than any envelope needs; what is wrong with a third one has its own code. */
const MAX_SIGNATURES = 8;
const MAX_SIGNATURE_TEXT = 8_192;
const MAX_SHORT_TEXT = 256;
const ENVELOPE_BOUNDS = { maxDepth: 3, maxEntries: MAX_SIGNATURES + 1 };

/** A DSSE envelope, with exactly the field names of DSSE; unknown fields are refused. */
export const dsseEnvelopeSchema = strictObject({
  payloadType: z.string().max(MAX_SHORT_TEXT),
  /** Base64 of the signed bytes. */
  payload: z.string().max(LIMITS.maxPayloadBytes),
  signatures: z
    .array(
      strictObject({
        /** `<key>#ed25519` or `<key>#ml-dsa-65`. */
        keyid: z.string().max(MAX_SHORT_TEXT),
        /** Base64 of the signature. */
        sig: z.string().max(MAX_SIGNATURE_TEXT),
      }),
    )
    .max(MAX_SIGNATURES),
});
/** What `dsseEnvelopeSchema` accepts. */
export type DsseEnvelope = z.infer<typeof dsseEnvelopeSchema>;

/**
 * The bytes that DSSE signs: `DSSEv1 LEN(type) type LEN(payload) payload`, lengths in bytes as
 * decimal digits, so that no two pairs of type and payload have the same bytes.
 *
 * @example preAuthEncoding("a", new Uint8Array()) // the bytes of "DSSEv1 1 a 0 "
 */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const encoder = new TextEncoder();
  const typeLength = encoder.encode(payloadType).length;
  const head = encoder.encode(`DSSEv1 ${typeLength} ${payloadType} ${payload.length} `);
  const bytes = new Uint8Array(head.length + payload.length);
  bytes.set(head);
  bytes.set(payload, head.length);
  return bytes;
}

/**
 * Reads an envelope from text, from UTF-8 bytes or from an object in memory, into a private copy.
 *
 * @throws Rejected with a code of the strict parser, `not_plain` or `invalid_envelope`
 */
export function readDsseEnvelope(input: unknown): DsseEnvelope {
  const parsed = dsseEnvelopeSchema.safeParse(readInput(input));
  // [REJECT invalid_envelope] not exactly payloadType, payload and signatures
  if (!parsed.success) throw new Rejected("invalid_envelope", firstErrorPath(parsed.error));
  return parsed.data;
}

function readInput(input: unknown): unknown {
  const text = typeof input === "string" ? input : copyOfBytes(input);
  if (text !== undefined) return rejectAt("", () => parseStrictJson(text));
  const plain = copyUntrusted(input, ENVELOPE_BOUNDS);
  if (!plain.ok) throw new Rejected("not_plain", plain.path);
  return plain.value;
}

/** Copies bytes, so that they cannot change while they are read; undefined for what is not bytes. */
function copyOfBytes(input: unknown): Uint8Array | undefined {
  if (!ArrayBuffer.isView(input)) return undefined;
  try {
    return Uint8Array.prototype.slice.call(input);
  } catch {
    return undefined;
  }
}
