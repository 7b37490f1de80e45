/** Who signed an envelope, and that both signatures hold (design, section 3: signing). */
import { decodeBase64 } from "./base64.js";
import { type DsseEnvelope, preAuthEncoding } from "./dsse.js";
import { Rejected } from "./errors.js";
import type { Keyring, KeyringKey } from "./keyring.js";
import type { SignatureVerifiers } from "./ports.js";

/** The two algorithms, in the order of their cost: the field of a key and the end of its signature id. */
export const ALGORITHMS = [
  { field: "ed25519", suffix: "#ed25519" },
  { field: "ml_dsa_65", suffix: "#ml-dsa-65" },
] as const;

/** What an envelope is checked against. */
export type Trust = Readonly<{
  keyring: Keyring;
  nowMs: number;
  verifiers: SignatureVerifiers;
  /** The only payload type that is taken. */
  payloadType: string;
}>;

/** Where the signature of each algorithm stands in the envelope. */
type Places = Readonly<{ keyId: string; ed25519: number; ml_dsa_65: number }>;

/**
 * The payload of an envelope and its key, after both signatures have verified.
 *
 * @throws Rejected
 */
export function authenticate(
  envelope: DsseEnvelope,
  trust: Trust,
): Readonly<{ key: KeyringKey; payload: Uint8Array }> {
  // [REJECT unknown_payload_type] another payload type: its bytes mean something else
  if (envelope.payloadType !== trust.payloadType) {
    throw new Rejected("unknown_payload_type", "/payloadType");
  }
  const places = placesOf(envelope);
  const key = liveKey(places, trust);
  const payload = decodeAt(envelope.payload, "/payload");
  const message = preAuthEncoding(envelope.payloadType, payload);
  for (const { field } of ALGORITHMS) {
    const path = `/signatures/${places[field]}/sig`;
    const publicKey = decodeAt(key.public_keys[field], path);
    const signature = decodeAt(envelope.signatures[places[field]]?.sig ?? "", path);
    // [REJECT bad_signature] one signature does not verify, whatever the other one does
    if (!holds(() => trust.verifiers[field](publicKey, message, signature), path)) {
      throw new Rejected("bad_signature", path);
    }
  }
  return { key, payload };
}

/** Finds exactly one signature of each algorithm, all of one key. */
function placesOf({ signatures }: DsseEnvelope): Places {
  const ids = signatures.map(({ keyid }) => keyid);
  const keyId = keyIdOf(ids[0]);
  const expected = ALGORITHMS.map(({ suffix }) => `${keyId}${suffix}`);
  ids.forEach((id, index) => {
    const path = `/signatures/${index}/keyid`;
    // [REJECT duplicate_signature] a signature id that occurs twice
    if (ids.indexOf(id) < index) throw new Rejected("duplicate_signature", path);
    // [REJECT unexpected_signature] another algorithm, or a second key
    if (!expected.includes(id)) throw new Rejected("unexpected_signature", path);
  });
  // [REJECT missing_signature] fewer than the two
  if (ids.length < expected.length) throw new Rejected("missing_signature", "/signatures");
  const [ed25519 = -1, ml_dsa_65 = -1] = expected.map((id) => ids.indexOf(id));
  return { keyId, ed25519, ml_dsa_65 };
}

function keyIdOf(id: string | undefined): string {
  if (id === undefined) throw new Rejected("missing_signature", "/signatures");
  const suffix = ALGORITHMS.find((algorithm) => id.endsWith(algorithm.suffix))?.suffix;
  if (suffix === undefined) throw new Rejected("unexpected_signature", "/signatures/0/keyid");
  return id.slice(0, -suffix.length);
}

function liveKey({ keyId }: Places, { keyring, nowMs }: Trust): KeyringKey {
  const path = "/signatures/0/keyid";
  const key = keyring.get(keyId);
  // [REJECT unknown_key] not in the keyring
  if (key === undefined) throw new Rejected("unknown_key", path);
  // [REJECT revoked_key] revoked: with the secret, any time can be written into a batch
  if (key.revoked) throw new Rejected("revoked_key", path);
  // [REJECT key_not_yet_valid] before the start of its validity
  if (nowMs < key.not_before_ms) throw new Rejected("key_not_yet_valid", path);
  // [REJECT key_expired] after the end of its validity
  if (nowMs >= key.not_after_ms) throw new Rejected("key_expired", path);
  return key;
}

function decodeAt(text: string, path: string): Uint8Array {
  const bytes = decodeBase64(text);
  // [REJECT invalid_base64] not canonical base64 with padding
  if (bytes === undefined) throw new Rejected("invalid_base64", path);
  return bytes;
}

function holds(verify: () => unknown, path: string): boolean {
  try {
    return verify() === true;
  } catch {
    // [REJECT verifier_failed] the verifier threw
    throw new Rejected("verifier_failed", path);
  }
}
