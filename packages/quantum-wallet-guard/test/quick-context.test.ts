/** The quick reader and the schema must give one verdict on everything. */
import { compareToShare, parseAmount, parseDecimal } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomContext, randomPolicy } from "../fuzz/generate.js";
import { createRandom, type Random } from "../fuzz/random.js";
import { parsePolicy } from "../src/index.js";
import { readQuickly } from "../src/internal/quick-context.js";
import { compareShare, quickUnitsOf, ratioOf, unitsOf } from "../src/internal/units.js";
import { readSlowly } from "../src/parsed-context.js";
import { FULL, STRANGE_VALUES, WRONG } from "./wrong-values.js";

/** The verdict, and what was read. */
function bothRead(input: unknown) {
  const quick = readQuickly(input);
  const slow = readSlowly(input);
  return [
    quick && { context: quick.context, amount: quick.amount, balance: quick.balance },
    slow.ok
      ? { context: slow.value.context, amount: slow.value.amount, balance: slow.value.balance }
      : undefined,
  ];
}

const OTHER_VALUES = [...STRANGE_VALUES, ...Object.values(WRONG).flat(), ...Object.values(FULL)];
const FIELDS = [...Object.keys(FULL), "extra", "__proto__", "constructor", ""];

/** A valid context with up to three fields set to anything, removed, hidden or turned into accessors. */
function mutate(random: Random, context: object): object {
  const mutant: Record<string, unknown> = random.oneIn(9)
    ? Object.assign(Object.create(null), context)
    : { ...context };
  for (let i = random.below(4); i > 0; i--) {
    const field = random.pick(FIELDS);
    const value = random.pick(OTHER_VALUES);
    const enumerable = !random.oneIn(12);
    const property = random.oneIn(12) ? { get: () => value } : { value, writable: true };
    if (random.oneIn(4)) Reflect.deleteProperty(mutant, field);
    else Object.defineProperty(mutant, field, { ...property, enumerable, configurable: true });
  }
  if (random.oneIn(40)) mutant[Symbol("x") as unknown as string] = 1;
  return mutant;
}

describe("readQuickly", () => {
  it("accepts the same as the schema, and reads the same, on 8,000 contexts", () => {
    const random = createRandom(11);
    const counts = { accepted: 0, refused: 0 };
    for (let i = 0; i < 8_000; i++) {
      const policy = parsePolicy(randomPolicy(random));
      const base = random.oneIn(3) ? FULL : randomContext(random, policy);
      const input = mutate(random, base);
      const [quick, slow] = bothRead(input);
      expect(quick).toEqual(slow);
      counts[quick === undefined ? "refused" : "accepted"]++;
    }
    expect(Math.min(counts.accepted, counts.refused)).toBeGreaterThan(1_500);
  });

  it.each(Object.keys(FULL))(
    "gives %s the schema's verdict for every value of the list",
    (field) => {
      for (const value of OTHER_VALUES) {
        const [quick, slow] = bothRead({ ...FULL, [field]: value });
        expect(quick, `${field} = ${typeof value}`).toEqual(slow);
      }
    },
  );

  it("gives anything at all the schema's verdict", () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withSparseArray: true }), (input) => {
        const [quick, slow] = bothRead(input);
        expect(quick).toEqual(slow);
      }),
      { numRuns: 2_000 },
    );
  });
});

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
  it("reads what parseAmount reads, and refuses what it refuses", () => {
    fc.assert(
      fc.property(fc.oneof(amountText, amountNumber), (value) => {
        const read = (from: (value: unknown) => unknown) => {
          try {
            return String(from(value));
          } catch {
            return "refused";
          }
        };
        expect(read(unitsOf)).toBe(read(parseAmount));
        const quick = quickUnitsOf(value);
        if (quick >= 0) expect(String(quick)).toBe(read(parseAmount));
      }),
      { numRuns: 10_000 },
    );
  });

  it("reads no more than numbers hold quickly, and everything else exactly", () => {
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
      { numRuns: 20_000 },
    );
  });
});
