/** Ed25519 (RFC 8032) by node:crypto. */
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { isSmallOrderPoint } from "../../signing/ed25519-points.js";
import type { SignatureVerifier } from "../../signing/ports.js";

/** The fixed head of a PKCS #8 Ed25519 key (RFC 8410, section 7); the 32-byte seed follows. */
const PKCS8_HEAD = Uint8Array.from([
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
]);

/** An Ed25519 key that is ready to sign. */
export type Ed25519Key = Readonly<{
  /** 32 bytes. */
  publicKey: Uint8Array;
  /** A 64-byte signature. */
  sign: (message: Uint8Array) => Uint8Array;
}>;

/** The key of a 32-byte seed (the secret key of RFC 8032). */
export function ed25519KeyOf(seed: Uint8Array): Ed25519Key {
  const der = Buffer.concat([PKCS8_HEAD, seed]);
  const secret = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const { x = "" } = createPublicKey(secret).export({ format: "jwk" });
  return {
    publicKey: Uint8Array.from(Buffer.from(x, "base64url")),
    sign: (message) => Uint8Array.from(sign(null, message, secret)),
  };
}

/**
 * Verifies an Ed25519 signature. A key or signature of another length is a false one, and so is one whose
 * key, or whose R, is a point of small order: under such a key a constant is the signature of many messages.
 */
export const verifyEd25519: SignatureVerifier = (publicKey, message, signature) => {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  if (isSmallOrderPoint(publicKey) || isSmallOrderPoint(signature.subarray(0, 32))) return false;
  const x = Buffer.from(publicKey).toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return verify(null, message, key, signature);
};
