/** A signer whose secrets are in this process's memory, and the keys for it (design, section 3: signing). */
import { randomBytes } from "node:crypto";
import { ownMember } from "../../internal/own.js";
import { decodeBase64, encodeBase64 } from "../../signing/base64.js";
import { keyIdSchema } from "../../signing/batch.js";
import { SigningError } from "../../signing/errors.js";
import type { KeyringFile } from "../../signing/keyring.js";
import type { Signer } from "../../signing/ports.js";
import { ed25519KeyOf } from "../ed25519/keys.js";
import { mlDsa65KeyOf } from "./ml-dsa-65.js";

const SEED_BYTES = 32;

/** The secrets of one key: base64 of a 32-byte seed for each algorithm. */
export type SecretKeys = Readonly<{ key_id: string; ed25519: string; ml_dsa_65: string }>;

/** The public half, as a keyring has it. */
export type PublicKeys = KeyringFile["keys"][number]["public_keys"];

/** Both halves of a key. */
export type KeyPair = Readonly<{ secret_keys: SecretKeys; public_keys: PublicKeys }>;

/**
 * A signer over secrets in memory. Where they must not be there, implement `Signer` over a KMS or an
 * HSM.
 *
 * @throws SigningError `invalid_key`: an id that no keyring takes, or not base64 of 32 bytes
 */
export function createLocalSigner(keys: SecretKeys): Signer {
  const ed25519 = ed25519KeyOf(seedOf(keys, "ed25519"));
  const mlDsa65 = mlDsa65KeyOf(seedOf(keys, "ml_dsa_65"));
  return {
    key_id: checkedKeyId(ownMember(keys, "key_id")),
    sign: (message) =>
      Promise.resolve({ ed25519: ed25519.sign(message), ml_dsa_65: mlDsa65.sign(message) }),
  };
}

/**
 * A new key.
 *
 * @param key_id its id in the keyring
 * @param random gives so many bytes from a cryptographic source; node:crypto's unless given
 * @throws SigningError `invalid_key`: an id that no keyring takes, or a source that gives too little
 */
export function generateKeyPair(
  key_id: string,
  random: (bytes: number) => Uint8Array = randomBytes,
): KeyPair {
  const secret_keys = {
    key_id: checkedKeyId(key_id),
    ed25519: encodeBase64(random(SEED_BYTES)),
    ml_dsa_65: encodeBase64(random(SEED_BYTES)),
  };
  return { secret_keys, public_keys: publicKeysOf(secret_keys) };
}

/**
 * The public half of given secrets, for the keyring.
 *
 * @throws SigningError `invalid_key`
 */
export const publicKeysOf = (keys: SecretKeys): PublicKeys => ({
  ed25519: encodeBase64(ed25519KeyOf(seedOf(keys, "ed25519")).publicKey),
  ml_dsa_65: encodeBase64(mlDsa65KeyOf(seedOf(keys, "ml_dsa_65")).publicKey),
});

function checkedKeyId(keyId: unknown): string {
  const parsed = keyIdSchema.safeParse(keyId);
  if (parsed.success) return parsed.data;
  throw new SigningError("invalid_key", "/key_id", "not an id of a key");
}

function seedOf(keys: SecretKeys, field: "ed25519" | "ml_dsa_65"): Uint8Array {
  const text = ownMember(keys, field);
  const seed = typeof text === "string" ? decodeBase64(text) : undefined;
  if (seed?.length === SEED_BYTES) return seed;
  throw new SigningError("invalid_key", `/${field}`, `not base64 of ${SEED_BYTES} bytes`);
}
