/** Points of the curve of Ed25519 (RFC 8032, section 5.1), as far as a key must be one of them (design, section 3: signing). */

/** The field's prime, 2^255 − 19. */
const P = 2n ** 255n - 19n;
/** −121665/121666, the curve's constant d. */
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;
/** 2^((p − 1) / 4), a square root of −1. */
const ROOT_OF_MINUS_1 =
  19681161376707505956807079304988542015446066515923890162744021073123829784752n;

/** y of the points of order 8, and its negative: 8 points share 5 values of y. */
const ORDER_8_Y = 2707385501144840649318225287225658788936804267575313519463743609750303402022n;
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([0n, 1n, P - 1n, ORDER_8_Y, P - ORDER_8_Y]);

const POINT_BYTES = 32;

/**
 * Whether 32 bytes are the canonical encoding of a point of the curve whose order is not small. Of the
 * 8 points of small order one has as its "signature" bytes that anyone can write.
 *
 * @param bytes a public key as RFC 8032 encodes it
 * @example isPublicPoint(new Uint8Array(32)) // false: y = 0 has order 4
 */
export function isPublicPoint(bytes: Uint8Array): boolean {
  if (bytes.length !== POINT_BYTES) return false;
  const { y, sign } = coordinatesOf(bytes);
  if (y >= P || SMALL_ORDER_Y.has(y)) return false;
  const x = rootOf(y);
  // x = 0 has no sign, and belongs to y = ±1 alone.
  return x !== undefined && !(x === 0n && sign === 1n);
}

/** Whether 32 bytes encode a point of small order, canonically or not. */
export const isSmallOrderPoint = (bytes: Uint8Array): boolean =>
  bytes.length === POINT_BYTES && SMALL_ORDER_Y.has(coordinatesOf(bytes).y % P);

/** y as it is written, which may be p or more, and the sign of x. */
function coordinatesOf(bytes: Uint8Array): Readonly<{ y: bigint; sign: bigint }> {
  let value = 0n;
  for (let at = bytes.length - 1; at >= 0; at--) value = (value << 8n) | BigInt(bytes[at] ?? 0);
  return { y: value & (2n ** 255n - 1n), sign: value >> 255n };
}

/** A root x of x² = (y² − 1) / (d·y² + 1); undefined where there is none (RFC 8032, section 5.1.3). */
function rootOf(y: bigint): bigint | undefined {
  const square = (y * y) % P;
  const u = modulo(square - 1n);
  const v = modulo(D * square + 1n);
  const v3 = (((v * v) % P) * v) % P;
  const v7 = (((v3 * v3) % P) * v) % P;
  const x = (((u * v3) % P) * power((u * v7) % P, (P - 5n) / 8n)) % P;
  const check = (((v * x) % P) * x) % P;
  if (check === u) return x;
  return check === modulo(-u) ? (x * ROOT_OF_MINUS_1) % P : undefined;
}

const modulo = (value: bigint): bigint => ((value % P) + P) % P;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}
