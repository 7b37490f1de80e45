/** Writes the output scripts that descriptors stand for. */
import { createHash } from "node:crypto";
import { addTweak, type Point, withEvenY, writeX } from "./secp256k1.js";

const OP = {
  ZERO: 0x00,
  PUSH_20: 0x14,
  PUSH_32: 0x20,
  PUSH_33: 0x21,
  ONE: 0x51,
  DUP: 0x76,
  EQUAL: 0x87,
  EQUALVERIFY: 0x88,
  HASH160: 0xa9,
  CHECKSIG: 0xac,
  CHECKMULTISIG: 0xae,
} as const;

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** RIPEMD-160 of the SHA-256. */
export const hash160Of = (bytes: Uint8Array): Uint8Array =>
  createHash("ripemd160").update(sha256(bytes)).digest();

/** Pays to the hash of a key. */
export const p2pkhScript = (hash: Uint8Array): Uint8Array =>
  Uint8Array.of(OP.DUP, OP.HASH160, OP.PUSH_20, ...hash, OP.EQUALVERIFY, OP.CHECKSIG);

/** Pays to the hash of a script. */
export const p2shScript = (hash: Uint8Array): Uint8Array =>
  Uint8Array.of(OP.HASH160, OP.PUSH_20, ...hash, OP.EQUAL);

/** Pays to the hash of a key, as a witness. */
export const p2wpkhScript = (hash: Uint8Array): Uint8Array =>
  Uint8Array.of(OP.ZERO, OP.PUSH_20, ...hash);

/** Pays to a script, as a witness. */
export const p2wshScript = (script: Uint8Array): Uint8Array =>
  Uint8Array.of(OP.ZERO, OP.PUSH_32, ...sha256(script));

/** A script that so many of some keys spend: 1 to 16 compressed keys. */
export const multisigScript = (needed: number, keys: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.of(
    OP.ONE - 1 + needed,
    ...keys.flatMap((key) => [OP.PUSH_33, ...key]),
    OP.ONE - 1 + keys.length,
    OP.CHECKMULTISIG,
  );

const TAP_TWEAK = sha256(new TextEncoder().encode("TapTweak"));

/** Pays to a Taproot key without scripts (BIP 86). */
export function p2trScript(internal: Point): Uint8Array | undefined {
  const tweak = sha256(TAP_TWEAK, TAP_TWEAK, writeX(internal));
  const output = addTweak(withEvenY(internal), tweak);
  return output && Uint8Array.of(OP.ONE, OP.PUSH_32, ...writeX(output));
}
