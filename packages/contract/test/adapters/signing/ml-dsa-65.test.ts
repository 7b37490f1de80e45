import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { mlDsa65KeyOf, verifyMlDsa65 } from "../../../src/adapters/signing/ml-dsa-65.js";

const shake128 = (data: Uint8Array, outputLength: number) =>
  createHash("shake128", { outputLength }).update(data).digest();

describe("mlDsa65KeyOf", () => {
  it("gives the keys and deterministic signatures of C2SP CCTV, ML-DSA accumulated, 100 keys", () => {
    const seeds = shake128(new Uint8Array(), 100 * 32);
    const empty = new Uint8Array();
    const said = Array.from({ length: 100 }, (_, index) => {
      const key = mlDsa65KeyOf(Uint8Array.from(seeds.subarray(32 * index, 32 * index + 32)));
      const signature = key.sign(empty, new Uint8Array(32));
      expect(verifyMlDsa65(key.publicKey, empty, signature)).toBe(true);
      return Buffer.concat([key.publicKey, signature]);
    });
    expect(shake128(Buffer.concat(said), 32).toString("hex")).toBe(
      "8358a1843220194417cadbc2651295cd8fc65125b5a5c1a239a16dc8b57ca199",
    );
  });
});

describe("verifyMlDsa65", () => {
  const key = mlDsa65KeyOf(new Uint8Array(32).fill(3));
  const message = Uint8Array.of(1, 2, 3);
  const signature = key.sign(message);

  it("accepts a signature of 3,309 bytes under a key of 1,952, hedged anew each time", () => {
    expect([key.publicKey.length, signature.length]).toEqual([1_952, 3_309]);
    expect(verifyMlDsa65(key.publicKey, message, signature)).toBe(true);
    expect(key.sign(message)).not.toEqual(signature);
  });

  it.each([
    ["another message", key.publicKey, Uint8Array.of(1, 2), signature],
    ["another key", mlDsa65KeyOf(new Uint8Array(32)).publicKey, message, signature],
    ["a short key", key.publicKey.subarray(1), message, signature],
    ["a short signature", key.publicKey, message, signature.subarray(1)],
    ["no signature", key.publicKey, message, new Uint8Array()],
  ])("refuses %s", (_, publicKey, text, given) => {
    expect(verifyMlDsa65(publicKey, text, given)).toBe(false);
  });
});
