/** Who signed an envelope, and that both signatures hold (design: signing). */
import { decodeBase64 } from "./base64.js";
import { type DsseEnvelope, preAuthEncoding, SIGNALS_PAYLOAD_TYPE } from "./dsse.js";
import { Refused } from "./errors.js";
import type { Keyring, KeyringKey } from "./keyring.js";
import type { SignatureVerifiers } from "./ports.js";

/** The two algorithms, in the order of their cost: the field of a key and the end of its signature id. */
export const ALGORITHMS = [
  { field: "ed25519", suffix: "#ed25519" },
  { field: "ml_dsa_65", suffix: "#ml-dsa-65" },
] as const;

/** What an envelope is checked against. */
export type Trust = Readonly<{ keyring: Keyring; nowMs: number; verifiers: SignatureVerifiers }>;

/** Where the signature of each algorithm stands in the envelope. */
type Places = Readonly<{ keyId: string; ed25519: number; ml_dsa_65: number }>;

/**
 * The payload of an envelope and its key, after both signatures have verified.
 *
 * @throws Refused
 */
export function authenticate(
  envelope: DsseEnvelope,
  trust: Trust,
): Readonly<{ key: KeyringKey; payload: Uint8Array }> {
  // [REFUSE] another payload type: its bytes mean something else
  if (envelope.payloadType !== SIGNALS_PAYLOAD_TYPE) {
    throw new Refused("unknown_payload_type", "/payloadType");
  }
  const places = placesOf(envelope);
  const key = liveKey(places, trust);
  const payload = decodeAt(envelope.payload, "/payload");
  const message = preAuthEncoding(envelope.payloadType, payload);
  for (const { field } of ALGORITHMS) {
    const path = `/signatures/${places[field]}/sig`;
    const publicKey = decodeAt(key.public_keys[field], path);
    const signature = decodeAt(envelope.signatures[places[field]]?.sig ?? "", path);
    // [REFUSE] one signature does not hold, however good the other one is
    if (!holds(() => trust.verifiers[field](publicKey, message, signature), path)) {
      throw new Refused("bad_signature", path);
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
    // [REFUSE] a signature id that occurs twice
    if (ids.indexOf(id) < index) throw new Refused("duplicate_signature", path);
    // [REFUSE] another algorithm, or a second key
    if (!expected.includes(id)) throw new Refused("unexpected_signature", path);
  });
  // [REFUSE] fewer than the two
  if (ids.length < expected.length) throw new Refused("missing_signature", "/signatures");
  const [ed25519 = -1, ml_dsa_65 = -1] = expected.map((id) => ids.indexOf(id));
  return { keyId, ed25519, ml_dsa_65 };
}

function keyIdOf(id: string | undefined): string {
  // [REFUSE] no signature at all
  if (id === undefined) throw new Refused("missing_signature", "/signatures");
  const suffix = ALGORITHMS.find((algorithm) => id.endsWith(algorithm.suffix))?.suffix;
  // [REFUSE] no algorithm of ours
  if (suffix === undefined) throw new Refused("unexpected_signature", "/signatures/0/keyid");
  return id.slice(0, -suffix.length);
}

function liveKey({ keyId }: Places, { keyring, nowMs }: Trust): KeyringKey {
  const path = "/signatures/0/keyid";
  const key = keyring.get(keyId);
  // [REFUSE] the keyring does not know the key
  if (key === undefined) throw new Refused("unknown_key", path);
  // [REFUSE] revoked: whoever has the secret may write any time into a batch
  if (key.revoked) throw new Refused("revoked_key", path);
  // [REFUSE] outside its validity
  if (nowMs < key.not_before_ms) throw new Refused("key_not_yet_valid", path);
  if (nowMs >= key.not_after_ms) throw new Refused("key_expired", path);
  return key;
}

function decodeAt(text: string, path: string): Uint8Array {
  const bytes = decodeBase64(text);
  if (bytes === undefined) throw new Refused("invalid_base64", path);
  return bytes;
}

function holds(verify: () => unknown, path: string): boolean {
  try {
    return verify() === true;
  } catch {
    throw new Refused("verifier_failed", path);
  }
}
