import { describe, expect, it } from "vitest";
import {
  algorithmBits,
  algorithmOf,
  bitcoin,
  bitcoinRegtest,
  blocksPerYear,
  type ChainParameters,
  chainParametersSchema,
  digibyte,
  digibyteRegtest,
  digibyteTestnet,
  isActiveAt,
  litecoin,
  litecoinRegtest,
} from "../src/index.js";

const isAllowed = (chain: ChainParameters, version: number, height: number) => {
  const algorithm = algorithmOf(chain, version);
  return algorithm !== undefined && isActiveAt(algorithm, height);
};

describe("algorithmBits", () => {
  it.each([
    [0x00000400, 4],
    [0x20000402, 4],
    [0x20000e00, 14],
    [-0x7ffff1ff, 14], // 0x80000e01 as a signed 32-bit integer
  ])("reads bits 8 to 11 of %d as %d", (version, bits) => {
    expect(algorithmBits(version)).toBe(bits);
  });
});

describe("algorithmOf", () => {
  it.each([
    [0x20000002, "scrypt"],
    [0x20000202, "sha256d"],
    [0x20000402, "groestl"],
    [0x20000602, "skein"],
    [0x20000802, "qubit"],
    [0x20000e02, "odo"],
    [0x20000a02, undefined],
  ])("names version %d", (version, name) => {
    expect(algorithmOf(digibyte, version)?.name).toBe(name);
  });
});

describe("what is no number", () => {
  it.each([NaN, 0.5, Infinity, "0x400", undefined])("is no version: %s", (version) => {
    expect(algorithmOf(digibyte, version as number)).toBeUndefined();
  });

  it("is no height at which an algorithm is active", () => {
    expect(isActiveAt(digibyte.algorithms[0]!, NaN)).toBe(false);
  });
});

describe("isActiveAt", () => {
  it.each([
    [digibyte, 0x400, 9_112_319, true],
    [digibyte, 0x400, 9_112_320, false],
    [digibyte, 0x400, 23_751_096, false],
    [digibyte, 0xe00, 9_112_319, false],
    [digibyte, 0xe00, 9_112_320, true],
    [digibyteRegtest, 0x000, 290, true],
    [digibyteRegtest, 0x200, 290, false],
    [digibyteRegtest, 0x200, 291, true],
    [digibyteRegtest, 0x400, 2_000, true],
    [digibyteRegtest, 0x400, 2_001, false],
    [digibyteRegtest, 0xe00, 2_000, false],
    [digibyteRegtest, 0xe00, 2_001, true],
  ])("$0.name: version %d at %d", (chain, version, height, expected) => {
    expect(isAllowed(chain, version, height)).toBe(expected);
  });
});

describe("blocksPerYear", () => {
  it("divides a Julian year by the spacing", () => {
    expect(blocksPerYear(digibyte)).toBe(2_103_840); // 31,557,600 / 15
    expect(blocksPerYear(bitcoin)).toBe(52_596); // 31,557,600 / 600
    expect(blocksPerYear(litecoin)).toBe(210_384); // 31,557,600 / 150
  });
});

describe("chainParametersSchema", () => {
  it.each([
    digibyte,
    digibyteRegtest,
    digibyteTestnet,
    bitcoin,
    bitcoinRegtest,
    litecoin,
    litecoinRegtest,
  ])("accepts $name", (chain) => {
    expect(chainParametersSchema.parse(chain)).toEqual(chain);
  });

  it.each([
    { spacing_seconds: 0 },
    { stale_rate: 0 },
    { stale_rate: 1 },
    { rate_variance: -1 },
    { algorithm_shares: "any" },
    { extra: 1 },
  ])("refuses %j", (fields) => {
    expect(chainParametersSchema.safeParse({ ...digibyte, ...fields }).success).toBe(false);
  });
});
