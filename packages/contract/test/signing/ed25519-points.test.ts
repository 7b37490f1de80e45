import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { verifyEd25519 } from "../../src/adapters/ed25519/index.js";
import { parseKeyring, SigningError, verifyBatch } from "../../src/adapters/signing/index.js";
import { isPublicPoint, isSmallOrderPoint } from "../../src/signing/ed25519-points.js";
import { ALPHA, alphaEntry, goodEnvelope, options } from "../support/signing.js";

const hex = (text: string) => Uint8Array.from(Buffer.from(text, "hex"));
const P = 2n ** 255n - 19n;
/** y as 32 bytes, the lowest first, the sign of x in the highest bit. */
const encode = (y: bigint, sign = 0n): Uint8Array =>
  hex((y | (sign << 255n)).toString(16).padStart(64, "0")).reverse();

/** The 8 points of small order, as in RFC 8032's curve: orders 1, 2, 4, 4, 8, 8, 8, 8. */
const SMALL_ORDER = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
];
/** Other encodings of the same points: y + p for y = 0 and 1, and a sign for x = 0. */
const NON_CANONICAL = [
  encode(P),
  encode(P, 1n),
  encode(P + 1n),
  encode(P + 1n, 1n),
  encode(1n, 1n),
  encode(P - 1n, 1n),
];
/** Encodings of y from p to 2^255 − 1, whatever point they stand for. */
const TOO_LARGE = Array.from({ length: 19 }, (_, i) => [
  encode(P + BigInt(i)),
  encode(P + BigInt(i), 1n),
]).flat();

const load = (ed25519: Uint8Array): string => {
  const public_keys = { ...ALPHA.public_keys, ed25519: Buffer.from(ed25519).toString("base64") };
  try {
    parseKeyring({ keyring_version: 1, keys: [alphaEntry({ public_keys })] });
    return "loaded";
  } catch (error) {
    return error instanceof SigningError ? `${error.code} ${error.path}` : String(error);
  }
};
const REFUSED = "invalid_keyring /keys/0/public_keys/ed25519";
const { good, ed, ml } = await goodEnvelope();

describe("an Ed25519 key of a keyring", () => {
  it.each(SMALL_ORDER)("is refused as a point of small order: %s", (text) => {
    expect(isSmallOrderPoint(hex(text))).toBe(true);
    expect(load(hex(text))).toBe(REFUSED);
  });

  it.each(
    [...NON_CANONICAL, ...TOO_LARGE].map((bytes) => [Buffer.from(bytes).toString("hex"), bytes]),
  )("is refused in an encoding that is not canonical: %s", (_, bytes) => {
    expect(load(bytes)).toBe(REFUSED);
  });

  it("is refused where no point has its y", () => {
    expect(load(encode(2n))).toBe(REFUSED);
    const points = Array.from({ length: 40 }, (_, i) => load(encode(BigInt(i + 3)))).filter(
      (answer) => answer === "loaded",
    );
    // About one half of all y are of a point.
    expect(points.length).toBeGreaterThan(8);
    expect(points.length).toBeLessThan(32);
    expect(load(new Uint8Array(32).fill(255))).toBe(REFUSED);
  });

  it("is accepted where it is a key, with either sign", () => {
    for (let i = 0; i < 50; i++) {
      const { publicKey } = generateKeyPairSync("ed25519");
      const { x = "" } = createPublicKey(publicKey.export({ format: "pem", type: "spki" })).export({
        format: "jwk",
      });
      const bytes = Uint8Array.from(Buffer.from(x, "base64url"));
      expect(isPublicPoint(bytes)).toBe(true);
      bytes[31]! ^= 0x80;
      expect(isPublicPoint(bytes)).toBe(true);
    }
    for (const length of [0, 31, 33]) expect(isPublicPoint(new Uint8Array(length))).toBe(false);
  });
});

describe("verifyEd25519", () => {
  it.each(
    [...SMALL_ORDER.map(hex), ...NON_CANONICAL].map((bytes) => [
      Buffer.from(bytes).toString("hex"),
      bytes,
    ]),
  )("refuses a key or an R of small order: %s", (_, bytes) => {
    const point = bytes;
    const zero = new Uint8Array(32);
    for (const r of [...SMALL_ORDER.map(hex), ...NON_CANONICAL]) {
      expect(verifyEd25519(point, hex("00"), Buffer.concat([r, zero]))).toBe(false);
    }
    const key = hex(Buffer.from(ALPHA.public_keys.ed25519, "base64").toString("hex"));
    expect(verifyEd25519(key, hex("00"), Buffer.concat([point, zero]))).toBe(false);
  });
});

describe("verifyBatch", () => {
  it("refuses a constant signature, also under a keyring that was never read", async () => {
    const identity = hex(SMALL_ORDER[0]!);
    const constant = Buffer.concat([identity, new Uint8Array(32)]).toString("base64");
    const keyring = new Map(options().keyring);
    const key = keyring.get("alpha")!;
    const weak = { ...key.public_keys, ed25519: Buffer.from(identity).toString("base64") };
    keyring.set("alpha", { ...key, public_keys: weak });
    const forged = { ...good, signatures: [{ ...ed, sig: constant }, ml] };
    expect(await verifyBatch(forged, options({ keyring }))).toEqual({
      accepted: false,
      code: "bad_signature",
      path: "/signatures/0/sig",
    });
  });
});
