/** Amounts as doubles, held against the exact arithmetic of contract. */
import {
  compareToShare,
  formatAmount,
  parseAmount,
  parseDecimal,
  shareOf,
} from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import {
  coinsText,
  compareShare,
  fastUnitsOf,
  ratioOf,
  shareOfUnits,
  unitsOf,
} from "../../src/fast/units.js";

const digit = fc.constantFrom("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
const amountText = fc.oneof(
  fc
    .tuple(
      fc.bigInt({ min: 0n, max: 10n ** 12n }),
      fc.integer({ min: 0, max: 40 }),
      fc.array(digit, { maxLength: 9 }),
    )
    .map(([whole, shift, tail]) => `${whole >> BigInt(shift)}.${tail.join("")}`),
  fc.array(fc.oneof(digit, fc.constant(".")), { maxLength: 18 }).map((text) => text.join("")),
  fc.constantFrom(
    "0",
    "00",
    "0.",
    ".5",
    "1.",
    "01",
    "89999999.99999999",
    "90000000",
    "1e5",
    "+1",
    "１",
  ),
);
const amountNumber = fc.oneof(
  fc.double(),
  fc.integer({ min: 0, max: 2 ** 27 }),
  fc.bigInt({ min: 0n, max: 2n ** 53n }).map((units) => Number(units) / 1e8),
  fc.constantFrom(0, -0, 1e-8, 1e-9, 1.5e-8, 0.1 + 0.2, 2 ** 26, 2 ** 26 - 1e-8, NaN, Infinity),
);

describe("unitsOf", () => {
  it("reads what parseAmount reads, and rejects what it rejects", () => {
    fc.assert(
      fc.property(fc.oneof(amountText, amountNumber), (value) => {
        const read = (from: (value: unknown) => unknown) => {
          try {
            return String(from(value));
          } catch {
            return "rejected";
          }
        };
        expect(read(unitsOf)).toBe(read(parseAmount));
        const units = fastUnitsOf(value);
        if (units >= 0) expect(String(units)).toBe(read(parseAmount));
      }),
      { numRuns: runs(2_000, 10_000) },
    );
  });

  it("reads amounts that a double holds as numbers, and all others exactly", () => {
    expect(unitsOf("92233720368.54775807")).toBe(2n ** 63n - 1n);
    expect(unitsOf("89999999.99999999")).toBe(8_999_999_999_999_999);
    expect(Object.is(unitsOf(-0), 0)).toBe(true);
  });
});

describe("compareShare", () => {
  const ratio = fc.oneof(
    fc.constantFrom("0.99", "0.5", "0.333333333333333333", "0.000000000000000001", "0", "1"),
    fc.array(digit, { minLength: 1, maxLength: 18 }).map((tail) => `0.${tail.join("")}`),
  );

  it("orders as exact arithmetic does, at the boundary and a unit beside it, for all sizes", () => {
    fc.assert(
      fc.property(
        ratio,
        fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
        fc.integer({ min: 0, max: 62 }),
        fc.constantFrom(-1n, 0n, 1n),
        (text, random, shift, step) => {
          const whole = random >> BigInt(shift);
          const exact = parseDecimal(text);
          const near = (exact.coefficient * whole) / 10n ** BigInt(exact.scale) + step;
          const part = near < 0n ? 0n : near;
          const asNumber = (units: bigint) => (units < 2n ** 53n ? Number(units) : units);
          expect(compareShare(asNumber(part), ratioOf(text), asNumber(whole))).toBe(
            compareToShare(part, exact, whole),
          );
        },
      ),
      { numRuns: runs(4_000, 20_000) },
    );
  });
});

describe("shareOfUnits and coinsText", () => {
  const ratio = fc.oneof(
    fc.constantFrom("0", "1", "0.99", "0.05", "0.333333333333333333", "0.000000000000000001"),
    fc.array(digit, { minLength: 1, maxLength: 18 }).map((tail) => `0.${tail.join("")}`),
  );
  const units = fc
    .tuple(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), fc.integer({ min: 0, max: 62 }))
    .map(([random, shift]) => random >> BigInt(shift));
  const asUnits = (exact: bigint) => (exact < 2n ** 53n ? Number(exact) : exact);

  it("round down as exact arithmetic does", () => {
    fc.assert(
      fc.property(ratio, units, (text, whole) => {
        const share = shareOfUnits(ratioOf(text), asUnits(whole));
        expect(BigInt(share)).toBe(shareOf(parseDecimal(text), whole));
      }),
      { numRuns: runs(4_000, 20_000) },
    );
  });

  it("are exact next to each whole share", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9_999_999 }),
        fc.integer({ min: 0, max: 7 }),
        fc.integer({ min: 0, max: 900_000_000 }),
        fc.constantFrom(-1n, 0n, 1n),
        (part, scale, multiple, step) => {
          const text = `0.${String(part % 10 ** scale).padStart(scale, "0")}0`;
          const exact = parseDecimal(text);
          const coefficient = exact.coefficient === 0n ? 1n : exact.coefficient;
          const whole = (BigInt(multiple) * 10n ** BigInt(exact.scale)) / coefficient + step;
          if (whole < 0n) return;
          const share = shareOfUnits(ratioOf(text), asUnits(whole));
          expect(BigInt(share)).toBe(shareOf(exact, whole));
        },
      ),
      { numRuns: runs(4_000, 20_000) },
    );
  });

  it("write amounts as formatAmount does", () => {
    fc.assert(
      fc.property(units, (exact) => {
        expect(coinsText(asUnits(exact))).toBe(formatAmount(exact));
      }),
      { numRuns: runs(2_000, 10_000) },
    );
  });
});
