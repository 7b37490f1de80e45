/** Public arithmetic of secp256k1 (SEC 2): points that are added and tweaked. No secret passes through here. */
import { createECDH } from "node:crypto";

/** The field's prime. */
const P = 2n ** 256n - 2n ** 32n - 977n;
/** Number of points. */
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** A point of the curve, never infinity. */
export type Point = Readonly<{ x: bigint; y: bigint }>;

/**
 * Reads a compressed public key.
 *
 * @returns undefined for what is no point in that form
 */
export function readPoint(bytes: Uint8Array): Point | undefined {
  const [sign] = bytes;
  if (bytes.length !== 33 || (sign !== 2 && sign !== 3)) return undefined;
  const point = liftX(bytes.subarray(1));
  if (point === undefined) return undefined;
  return sign === 2 ? point : { x: point.x, y: P - point.y };
}

/**
 * The point with an x-coordinate and an even y (BIP 340).
 *
 * @returns undefined where there is none
 */
export function liftX(bytes: Uint8Array): Point | undefined {
  const x = numberOf(bytes);
  if (bytes.length !== 32 || x >= P) return undefined;
  const square = (x * x * x + 7n) % P;
  const y = power(square, (P + 1n) / 4n);
  if ((y * y) % P !== square) return undefined;
  return { x, y: y % 2n === 0n ? y : P - y };
}

/** The compressed form of a point: 33 bytes. */
export const writePoint = ({ x, y }: Point): Uint8Array =>
  Uint8Array.of(y % 2n === 0n ? 2 : 3, ...bytesOf(x));

/** The x-coordinate of a point: 32 bytes. */
export const writeX = ({ x }: Point): Uint8Array => bytesOf(x);

/**
 * Adds a multiple of the generator to a point: the step of BIP 32 and of Taproot.
 *
 * @param tweak 32 bytes
 * @returns undefined where the tweak is out of range, or the sum is infinity
 */
export function addTweak(point: Point, tweak: Uint8Array): Point | undefined {
  const factor = numberOf(tweak);
  if (tweak.length !== 32 || factor >= N) return undefined;
  if (factor === 0n) return point;
  return add(point, multipleOfGenerator(tweak));
}

function multipleOfGenerator(factor: Uint8Array): Point {
  const curve = createECDH("secp256k1");
  curve.setPrivateKey(factor);
  // Both coordinates as they are: to compute y from x costs more than the multiplication.
  const bytes = curve.getPublicKey(null, "uncompressed");
  return { x: numberOf(bytes.subarray(1, 33)), y: numberOf(bytes.subarray(33)) };
}

function add(a: Point, b: Point): Point | undefined {
  if (a.x === b.x && a.y !== b.y) return undefined;
  const slope =
    a.x === b.x
      ? modulo(3n * a.x * a.x * inverse(modulo(2n * a.y)))
      : modulo((b.y - a.y) * inverse(modulo(b.x - a.x)));
  const x = modulo(slope * slope - a.x - b.x);
  return { x, y: modulo(slope * (a.x - x) - a.y) };
}

const modulo = (value: bigint): bigint => ((value % P) + P) % P;

/** By Euclid's algorithm; of a value from 1 to P − 1. */
function inverse(value: bigint): bigint {
  let [r, next] = [P, value];
  let [t, nextT] = [0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [t, nextT] = [nextT, t - quotient * nextT];
  }
  return modulo(t);
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

const numberOf = (bytes: Uint8Array): bigint =>
  BigInt(`0x${Buffer.from(bytes).toString("hex") || "0"}`);

const bytesOf = (value: bigint): Uint8Array =>
  Buffer.from(value.toString(16).padStart(64, "0"), "hex");
