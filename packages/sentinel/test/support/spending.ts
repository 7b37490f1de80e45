/** Signatures with a nonce of one's choice, and transactions that spend by them: for tests of real nodes. */
import { createHash } from "node:crypto";
import { schnorr, secp256k1 } from "@noble/curves/secp256k1.js";

const { Point } = secp256k1;
const { Fn } = Point;

/** A key, and the nonce that it signs with. */
export type Signer = Readonly<{ secret: bigint; nonce: bigint }>;

const hex = (value: bigint): string => value.toString(16).padStart(64, "0");
const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));
const numberOf = (given: Uint8Array): bigint => BigInt(`0x${Buffer.from(given).toString("hex")}`);
const sha256 = (given: Uint8Array): Uint8Array =>
  Uint8Array.from(createHash("sha256").update(given).digest());

/** The compressed public key. */
export const publicKey = (secret: bigint): string => Point.BASE.multiply(secret).toHex(true);

/** An ECDSA signature of a digest, checked by the library. */
export function ecdsaSignature(
  { secret, nonce }: Signer,
  digest: Uint8Array,
): Readonly<{ r: string; s: string; der: string }> {
  const r = Fn.create(Point.BASE.multiply(nonce).toAffine().x);
  const full = Fn.mul(Fn.inv(nonce), Fn.add(numberOf(digest), Fn.mul(r, secret)));
  const s = full > Fn.ORDER / 2n ? Fn.neg(full) : full;
  const compact = bytes(hex(r) + hex(s));
  const key = bytes(publicKey(secret));
  if (!secp256k1.verify(compact, digest, key, { prehash: false })) throw new Error("not valid");
  const der = secp256k1.Signature.fromBytes(compact).toHex("der");
  return { r: hex(r), s: hex(s), der };
}

/** A BIP 340 signature of a message, checked by the library. */
export function schnorrSignature(
  { secret, nonce }: Signer,
  message: Uint8Array,
): Readonly<{ r: string; s: string; key: string; hex: string }> {
  const even = (scalar: bigint): bigint =>
    Point.BASE.multiply(scalar).toAffine().y % 2n === 0n ? scalar : Fn.neg(scalar);
  const [d, k] = [even(secret), even(nonce)];
  const [key, r] = [d, k].map((one) => hex(Point.BASE.multiply(one).toAffine().x));
  const tag = sha256(new TextEncoder().encode("BIP0340/challenge"));
  const challenge = sha256(Buffer.concat([tag, tag, bytes(r! + key!), message]));
  const s = hex(Fn.add(k, Fn.mul(Fn.create(numberOf(challenge)), d)));
  if (!schnorr.verify(bytes(r! + s), message, bytes(key!))) throw new Error("not valid");
  return { r: r!, s, key: key!, hex: r! + s };
}

/** Where the script of the first input begins: after version, count, outpoint. */
const SCRIPT_AT = 2 * (4 + 1 + 36);
const SIGHASH_ALL = "01";

/** Signs a raw transaction of one input that spends an output to a key's hash. */
export function spendOf(unsigned: string, script: string, by: Signer): string {
  const withScript = (given: string): string =>
    unsigned.slice(0, SCRIPT_AT) + lengthOf(given) + given + unsigned.slice(SCRIPT_AT + 2);
  const digest = sha256(sha256(bytes(`${withScript(script)}${SIGHASH_ALL}000000`)));
  const signature = ecdsaSignature(by, digest).der + SIGHASH_ALL;
  const key = publicKey(by.secret);
  return withScript(lengthOf(signature) + signature + lengthOf(key) + key);
}

const lengthOf = (data: string): string => (data.length / 2).toString(16).padStart(2, "0");
