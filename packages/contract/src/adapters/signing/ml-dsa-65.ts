/** ML-DSA-65 (FIPS 204), pure and with an empty context, by `@noble/post-quantum`, an optional peer. */
import { ml_dsa65 } from "@noble/post-quantum/ml-dsa.js";
import type { SignatureVerifier } from "../../signing/ports.js";

/** An ML-DSA-65 key that is ready to sign. */
export type MlDsa65Key = Readonly<{
  /** 1,952 bytes. */
  publicKey: Uint8Array;
  /**
   * A 3,309-byte signature.
   *
   * @param randomness 32 bytes; absent: fresh ones ("hedged"), as FIPS 204 recommends; 32 zero bytes
   * are its deterministic variant
   */
  sign: (message: Uint8Array, randomness?: Uint8Array) => Uint8Array;
}>;

/** The key of a 32-byte seed (ξ of FIPS 204, algorithm 1). */
export function mlDsa65KeyOf(seed: Uint8Array): MlDsa65Key {
  const { publicKey, secretKey } = ml_dsa65.keygen(seed);
  return {
    publicKey,
    sign: (message, extraEntropy) =>
      ml_dsa65.sign(message, secretKey, extraEntropy === undefined ? {} : { extraEntropy }),
  };
}

/** Verifies an ML-DSA-65 signature; a key or signature of another length is a false one. */
export const verifyMlDsa65: SignatureVerifier = (publicKey, message, signature) =>
  publicKey.length === ml_dsa65.lengths.publicKey &&
  signature.length === ml_dsa65.lengths.signature &&
  ml_dsa65.verify(signature, message, publicKey);
