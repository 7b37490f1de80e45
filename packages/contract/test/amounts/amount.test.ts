import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compareDecimals,
  compareToShare,
  formatAmount,
  isAmount,
  parseAmount,
  parseDecimal,
  shareOf,
} from "../../src/index.js";

const MAX = 2n ** 63n - 1n;

describe("parseAmount", () => {
  it.each<[unknown, bigint]>([
    ["1234.56789012", 123_456_789_012n],
    ["0", 0n],
    ["0.00000001", 1n],
    ["92233720368.54775807", MAX],
    [0.1, 10_000_000n],
    [1e-8, 1n],
    [67_108_863.99999999, 2n ** 26n * 100_000_000n - 1n],
    [80_000_000, 8_000_000_000_000_000n],
    [21, 2_100_000_000n],
  ])("reads %s", (value, units) => {
    expect(parseAmount(value)).toBe(units);
  });

  it.each([
    "-1",
    "+1",
    "01",
    "1.",
    ".5",
    "1e3",
    " 1",
    "1 ",
    "",
    "1.123456789",
    "NaN",
    "0x10",
    "1,000",
    "١",
    "92233720368.54775808",
    -1,
    NaN,
    Infinity,
    1e-9,
    0.123456789,
    90_071_992.54740992,
    67_507_063.77648891, // the same double as …892
    1e21,
    null,
    undefined,
    true,
    1n,
    {},
    [1],
  ])("refuses %s", (value) => {
    expect(isAmount(value)).toBe(false);
    expect(() => parseAmount(value)).toThrow(expect.objectContaining({ code: "invalid_amount" }));
  });

  it("is the inverse of formatAmount", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, MAX), (units) => {
        expect(parseAmount(formatAmount(units))).toBe(units);
      }),
    );
  });

  it("reads a number exactly, or refuses it where two amounts share one double", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 53n - 2n), (units) => {
        const value = Number(formatAmount(units));
        if (isAmount(value)) expect(parseAmount(value)).toBe(units);
        else
          expect([units - 1n, units + 1n].some((u) => Number(formatAmount(u)) === value)).toBe(
            true,
          );
      }),
    );
  });
});

describe("parseDecimal", () => {
  it.each<[string | number, bigint, number]>([
    ["0.99", 99n, 2],
    [0.99, 99n, 2],
    [1e-7, 1n, 7],
    [-0.5, -5n, 1],
    [1.5e21, 1_500_000_000_000_000_000_000n, 0],
  ])("reads %s", (value, coefficient, scale) => {
    const wanted = { coefficient, scale };
    expect(compareDecimals(parseDecimal(value), wanted)).toBe(0);
  });

  it.each([NaN, Infinity, 1e-19, "1e3", "", "0.1234567890123456789", null, {}])(
    "refuses %s",
    (value) => {
      expect(() => parseDecimal(value)).toThrow(
        expect.objectContaining({ code: "invalid_decimal" }),
      );
    },
  );
});

describe("compareToShare", () => {
  it("finds every amount that is exactly 99 % of a balance", () => {
    fc.assert(
      fc.property(fc.bigInt(1n, MAX / 100n), (hundredth) => {
        const [amount, balance] = [hundredth * 99n, hundredth * 100n];
        expect(compareToShare(amount, parseDecimal(0.99), balance)).toBe(0);
        expect(compareToShare(amount - 1n, parseDecimal(0.99), balance)).toBe(-1);
        expect(compareToShare(amount + 1n, parseDecimal(0.99), balance)).toBe(1);
        expect(shareOf(parseDecimal(0.99), balance)).toBe(amount);
      }),
    );
  });
});
