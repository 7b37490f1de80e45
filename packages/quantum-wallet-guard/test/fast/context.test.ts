/** The quick reader and the schema must give one verdict on everything. */
import {
  compareToShare,
  formatAmount,
  parseAmount,
  parseDecimal,
  shareOf,
} from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomContext, randomPolicy } from "../../fuzz/generate.js";
import { createRandom, type Random } from "../../fuzz/random.js";
import { parsePolicy } from "../../src/index.js";
import { readQuickly } from "../../src/fast/context.js";
import {
  coinsText,
  compareShare,
  quickUnitsOf,
  ratioOf,
  shareOfUnits,
  unitsOf,
} from "../../src/fast/units.js";
import { readSlowly } from "../../src/evaluate/parsed-context.js";
import { BINDS } from "../support/contexts.js";
import { FULL, STRANGE_VALUES, WRONG } from "../support/wrong-values.js";

/** The verdict, and what was read. */
function bothRead(input: unknown) {
  const quick = readQuickly(input);
  const slow = readSlowly(input);
  return [
    quick && { fields: quick.fields, amount: quick.amount, balance: quick.balance },
    slow.ok
      ? { fields: slow.value.fields, amount: slow.value.amount, balance: slow.value.balance }
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

const NAMES = [
  "ann",
  "Ann",
  "ann.lee@x-y.org",
  "ann.",
  "a..b",
  "Ünal",
  "",
  " ann",
  "a b",
  "x".repeat(128),
  "x".repeat(129),
  "\u200b",
  7,
];
const WORDS = [
  "within_limits",
  "a",
  "A",
  "",
  "a-b",
  "a\n",
  "w".repeat(64),
  "w".repeat(65),
  "_a",
  7,
];
const METHODS = ["confirmation", "second_factor", "operator", "Operator", "", null];
const HASHES = [BINDS, "0".repeat(64), "0".repeat(63), `${BINDS}\n`, "AB".repeat(32), null];
const TIMES = [
  1_780_000_000_000,
  0,
  -0,
  1,
  1_780_000_000,
  1_780_000_000_000_000,
  2 ** 53 - 1,
  2 ** 53,
  -1,
  0.5,
  NaN,
  "0",
];

/** A list of words or approvals that is right, or wrong in one of the ways in which lists and objects can be. */
function nestedMutant(random: Random, field: "approvals" | "guardian_reason_codes"): unknown {
  const length = random.oneIn(6) ? random.pick([0, 63, 64, 65]) : random.below(3);
  const list = Array.from({ length }, () => itemOf(random, field));
  if (random.oneIn(25)) Object.defineProperty(list, "note", { value: 1 });
  if (random.oneIn(25)) Object.defineProperty(list, Symbol("x"), { value: 1 });
  if (random.oneIn(25)) Object.setPrototypeOf(list, null);
  if (random.oneIn(25)) Object.defineProperty(list, 0, { get: () => "a", enumerable: true });
  if (random.oneIn(25)) list.length++;
  return list;
}

/** Nearly always the first, right choice, so that lists of 64 can be right. */
const usually = <T>(random: Random, choices: readonly T[]): T =>
  random.oneIn(20) ? random.pick(choices) : choices[0]!;

function itemOf(random: Random, field: "approvals" | "guardian_reason_codes"): unknown {
  if (field === "guardian_reason_codes") return usually(random, WORDS);
  const approval: object = {
    approver: usually(random, NAMES),
    method: usually(random, METHODS),
    approved_at_ms: usually(random, TIMES),
    binds: usually(random, HASHES),
  };
  if (random.oneIn(40)) Reflect.deleteProperty(approval, random.pick(Object.keys(approval)));
  if (random.oneIn(40)) Object.defineProperty(approval, "extra", { value: 1 });
  if (random.oneIn(40)) Object.defineProperty(approval, Symbol("x"), { value: 1 });
  if (random.oneIn(40)) Object.setPrototypeOf(approval, random.pick([null, { inherited: 1 }]));
  if (random.oneIn(40)) {
    Object.defineProperty(approval, "binds", { get: () => BINDS, enumerable: true });
  }
  return approval;
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

  it.each(["approvals", "guardian_reason_codes"] as const)(
    "gives each part of %s the schema's verdict, plain or not",
    (field) => {
      const random = createRandom(12);
      const counts = { accepted: 0, refused: 0 };
      for (let i = 0; i < 4_000; i++) {
        const [quick, slow] = bothRead({ ...FULL, [field]: nestedMutant(random, field) });
        expect(quick).toEqual(slow);
        counts[quick === undefined ? "refused" : "accepted"]++;
      }
      expect(Math.min(counts.accepted, counts.refused)).toBeGreaterThan(300);
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
      { numRuns: 20_000 },
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
      { numRuns: 20_000 },
    );
  });

  it("write amounts as formatAmount does", () => {
    fc.assert(
      fc.property(units, (exact) => {
        expect(coinsText(asUnits(exact))).toBe(formatAmount(exact));
      }),
      { numRuns: 10_000 },
    );
  });
});
