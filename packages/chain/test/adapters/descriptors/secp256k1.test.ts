/** Points of descriptors against OpenSSL's arithmetic, which shares no code with them. */
import { createECDH, createHash, ECDH } from "node:crypto";
import { runs } from "@dgb-shield/testkit/runs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { p2trScript } from "../../../src/adapters/descriptors/scripts.js";
import {
  addTweak,
  liftX,
  readPoint,
  writePoint,
  writeX,
} from "../../../src/adapters/descriptors/secp256k1.js";

const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const P = 2n ** 256n - 2n ** 32n - 977n;

const bytesOf = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, "0"), "hex");
const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
const hex = (bytes: Uint8Array | undefined): string | undefined =>
  bytes && Buffer.from(bytes).toString("hex");

/** A multiple of the generator, compressed, by OpenSSL; undefined for none, which is infinity. */
function multiple(factor: bigint): string | undefined {
  if (factor === 0n) return undefined;
  const curve = createECDH("secp256k1");
  curve.setPrivateKey(bytesOf(factor));
  return curve.getPublicKey("hex", "compressed");
}

/** The same bytes where OpenSSL reads them as a point. */
function read(bytes: Uint8Array): string | undefined {
  try {
    return ECDH.convertKey(bytes, "secp256k1", undefined, "hex", "compressed") as string;
  } catch {
    return undefined;
  }
}

const pointOf = (factor: bigint) => readPoint(Buffer.from(multiple(factor)!, "hex"))!;
/** Factors with those at both ends of the range, and those that are small. */
const factors = fc.oneof(
  { arbitrary: fc.bigInt(1n, N - 1n), weight: 8 },
  fc.constantFrom(1n, 2n, 3n, N - 1n, N - 2n, N / 2n, N / 2n + 1n),
);
const parameters = { numRuns: runs(200, 20_000) };

describe("readPoint", () => {
  it("reads and writes each key as OpenSSL does (property)", () => {
    fc.assert(
      fc.property(factors, (factor) => {
        expect(hex(writePoint(pointOf(factor)))).toBe(multiple(factor));
      }),
      parameters,
    );
  });

  it("refuses what OpenSSL refuses (property)", () => {
    const x = fc.oneof(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.bigInt(P - 4n, 2n ** 256n - 1n).map(bytesOf),
      fc.bigInt(0n, 20n).map(bytesOf),
    );
    let accepted = 0;
    fc.assert(
      fc.property(fc.constantFrom(2, 3), x, (sign, value) => {
        const bytes = Uint8Array.of(sign, ...value);
        const point = readPoint(bytes);
        if (point !== undefined) accepted += 1;
        expect(point && hex(writePoint(point))).toBe(read(bytes));
        expect(liftX(value) !== undefined).toBe(point !== undefined);
      }),
      parameters,
    );
    expect(accepted).toBeGreaterThan(20);
    expect(accepted).toBeLessThan(parameters.numRuns);
  });

  it("reads compressed keys alone", () => {
    const key = createECDH("secp256k1");
    key.setPrivateKey(bytesOf(7n));
    const compressed = key.getPublicKey(null, "compressed");
    expect(hex(writePoint(readPoint(compressed)!))).toBe(hex(compressed));
    for (const sign of [0, 1, 4, 5, 6, 7, 255]) {
      expect(readPoint(Uint8Array.of(sign, ...compressed.subarray(1)))).toBeUndefined();
    }
    for (const form of ["uncompressed", "hybrid"] as const) {
      expect(readPoint(key.getPublicKey(null, form))).toBeUndefined();
    }
    for (const length of [0, 1, 32, 34]) {
      expect(readPoint(Buffer.alloc(length, 2))).toBeUndefined();
    }
  });
});

describe("addTweak", () => {
  it("adds as OpenSSL does (property)", () => {
    fc.assert(
      fc.property(factors, factors, (factor, tweak) => {
        const sum = addTweak(pointOf(factor), bytesOf(tweak));
        expect(sum && hex(writePoint(sum))).toBe(multiple((factor + tweak) % N));
      }),
      parameters,
    );
  });

  it.each([
    ["itself", 5n, 5n, 10n],
    ["nothing", 5n, 0n, 5n],
    ["its opposite", 5n, N - 5n, 0n],
    ["what makes it the generator", N - 4n, 5n, 1n],
  ])("adds %s", (_, factor, tweak, sum) => {
    const point = addTweak(pointOf(factor), bytesOf(tweak));
    expect(point && hex(writePoint(point))).toBe(multiple(sum));
  });

  it("refuses a tweak that is out of range, or of another length", () => {
    for (const tweak of [bytesOf(N), bytesOf(2n ** 256n - 1n), Buffer.alloc(31, 1), Buffer.of()]) {
      expect(addTweak(pointOf(5n), tweak)).toBeUndefined();
    }
  });
});

describe("p2trScript", () => {
  it("tweaks the even key of BIP 341, as a sum of private keys does (property)", () => {
    const tag = createHash("sha256").update("TapTweak").digest();
    fc.assert(
      fc.property(factors, (factor) => {
        const key = Buffer.from(multiple(factor)!, "hex");
        const x = key.subarray(1);
        const tweak = createHash("sha256").update(tag).update(tag).update(x).digest();
        const even = key[0] === 2 ? factor : N - factor;
        const output = multiple((even + numberOf(tweak)) % N)!.slice(2);
        expect(hex(writeX(pointOf(factor)))).toBe(hex(x));
        expect(hex(p2trScript(pointOf(factor)))).toBe(`5120${output}`);
        expect(hex(p2trScript(liftX(x)!))).toBe(`5120${output}`);
      }),
      parameters,
    );
  });
});
