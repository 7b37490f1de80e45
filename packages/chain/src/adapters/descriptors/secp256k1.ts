/** Public points of secp256k1 (SEC 2) that descriptors derive, by `@noble/curves`. No secret passes through here. */
import { secp256k1 } from "@noble/curves/secp256k1.js";

const { Point } = secp256k1;
const COMPRESSED_BYTES = 33;
const EVEN = 2;

/** A point of the curve, never infinity. */
export type Point = typeof Point.BASE;

/**
 * Reads a compressed public key.
 *
 * @returns undefined for what is no point in that form
 */
export function readPoint(bytes: Uint8Array): Point | undefined {
  if (bytes.length !== COMPRESSED_BYTES) return undefined;
  try {
    return Point.fromBytes(bytes);
  } catch {
    return undefined;
  }
}

/**
 * The point with an x-coordinate and an even y (BIP 340).
 *
 * @returns undefined where there is none
 */
export const liftX = (bytes: Uint8Array): Point | undefined =>
  readPoint(Uint8Array.of(EVEN, ...bytes));

/** The point with the same x-coordinate and an even y. */
export const withEvenY = (point: Point): Point =>
  writePoint(point)[0] === EVEN ? point : point.negate();

/** The compressed form of a point: 33 bytes. */
export const writePoint = (point: Point): Uint8Array => point.toBytes(true);

/** The x-coordinate of a point: 32 bytes. */
export const writeX = (point: Point): Uint8Array => writePoint(point).subarray(1);

/**
 * Adds a multiple of the generator to a point: the step of BIP 32 and of Taproot.
 *
 * @param tweak 32 bytes
 * @returns undefined where the tweak is out of range, or the sum is infinity
 */
export function addTweak(point: Point, tweak: Uint8Array): Point | undefined {
  const factor = BigInt(`0x${Buffer.from(tweak).toString("hex") || "0"}`);
  if (tweak.length !== 32 || factor >= Point.Fn.ORDER) return undefined;
  if (factor === 0n) return point;
  // Everything here is public: the time that it takes need not be constant.
  const sum = point.add(Point.BASE.multiplyUnsafe(factor));
  // With coordinates of its own, so that it is written more than once for one division.
  return sum.is0() ? undefined : Point.fromAffine(sum.toAffine());
}
