/** The table of fields, held against the schema: the same contexts accepted, and the same first offence named. */
import { isDeepStrictEqual } from "node:util";
import { boundedPointer, copyUntrusted, firstErrorPath } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import { randomContext, randomPolicy } from "../../fuzz/generate.js";
import { createRandom, type Random } from "@dgb-shield/testkit/random";
import {
  contextOffence,
  FIELD_NAMES,
  readContextFields,
} from "../../src/evaluate/context-fields.js";
import { readContext } from "../../src/evaluate/parsed-context.js";
import { CONTEXT_BOUNDS, type RiskContext } from "../../src/evaluate/risk-context.js";
import { unitsOf } from "../../src/fast/units.js";
import { parsePolicy, riskContextSchema } from "../../src/index.js";
import { BINDS } from "../support/contexts.js";
import { FULL, STRANGE_VALUES, WRONG } from "../support/wrong-values.js";

/** What the table reads, or the path of its first offence. */
function byTable(input: unknown) {
  const read = readContext(input);
  return read.ok ? { ...read.value } : { path: read.path };
}

const SCHEMA_NAMES = Object.keys(riskContextSchema.shape) as (keyof RiskContext)[];

/** What is read of a context that the schema accepts, restated. */
const validatedOf = (context: RiskContext) => ({
  fields: Object.fromEntries(
    SCHEMA_NAMES.map((name) => [name, Object.hasOwn(context, name) ? context[name] : undefined]),
  ),
  amount: unitsOf(context.tx_amount),
  balance: unitsOf(context.wallet_balance),
});

/** What the schema makes of a plain copy. */
function bySchema(input: unknown) {
  const copied = copyUntrusted(input, CONTEXT_BOUNDS);
  if (!copied.ok) return { path: copied.path };
  const parsed = riskContextSchema.safeParse(copied.value);
  return parsed.success
    ? validatedOf(parsed.data)
    : { path: boundedPointer(firstErrorPath(parsed.error)) };
}

/** Compares the two; the one pass over the input and the walk over its plain copy must agree, too. */
function compare(input: unknown, title = ""): "accepted" | "rejected" {
  const expected = bySchema(input);
  const actual = byTable(input);
  // `expect` takes longer than the comparison itself.
  if (!isDeepStrictEqual(actual, expected)) expect(actual, title).toEqual(expected);
  const isAccepted = !("path" in expected);
  const copied = copyUntrusted(input, CONTEXT_BOUNDS);
  const direct = readContextFields(input) !== undefined;
  const walked = copied.ok ? contextOffence(copied.value) === undefined : isAccepted;
  if (direct !== isAccepted || walked !== isAccepted) {
    expect({ direct, walked }, title).toEqual({ direct: isAccepted, walked: isAccepted });
  }
  return isAccepted ? "accepted" : "rejected";
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

describe("FIELD_NAMES", () => {
  it("are the schema's, in its order", () => {
    expect(FIELD_NAMES).toEqual(SCHEMA_NAMES);
  });
});

describe("readContextFields", () => {
  // Where all values differ, a field of the table that is read under another one's name shows.
  const context = { ...FULL, adn_level: "elevated", created_at: 1_780_000_000_000 } as RiskContext;

  it("reads each field under its own name, and the amounts", () => {
    const values = Object.values(context).map((value) => JSON.stringify(value));
    expect(new Set(values).size).toBe(SCHEMA_NAMES.length);
    const read = readContextFields(context);
    expect(read).toEqual(validatedOf(context));
    expect(Object.keys(read!.fields)).toEqual(SCHEMA_NAMES);
  });

  it.each(SCHEMA_NAMES)("names %s where it is rejected", (name) => {
    expect(contextOffence({ ...context, [name]: {} })).toBe(`/${name}`);
  });
});

const CONTEXTS = runs(2_000, 8_000);

describe("readContext", () => {
  it("accepts what the schema accepts, and names the same offence, on changed contexts", () => {
    const random = createRandom(11);
    const counts = { accepted: 0, rejected: 0 };
    for (let i = 0; i < CONTEXTS; i++) {
      const policy = parsePolicy(randomPolicy(random));
      const base = random.oneIn(3) ? FULL : randomContext(random, policy);
      counts[compare(mutate(random, base))]++;
    }
    expect(Math.min(counts.accepted, counts.rejected)).toBeGreaterThan(0.18 * CONTEXTS);
  });

  it.each(Object.keys(FULL))("agrees on %s for every value of the list", (field) => {
    for (const value of OTHER_VALUES) {
      compare({ ...FULL, [field]: value }, `${field} = ${typeof value}`);
    }
  });

  it.each(["approvals", "guardian_reason_codes"] as const)(
    "agrees on each part of %s, plain or not",
    (field) => {
      const random = createRandom(12);
      const counts = { accepted: 0, rejected: 0 };
      for (let i = 0; i < CONTEXTS / 2; i++) {
        counts[compare({ ...FULL, [field]: nestedMutant(random, field) })]++;
      }
      expect(Math.min(counts.accepted, counts.rejected)).toBeGreaterThan(0.035 * CONTEXTS);
    },
  );

  it("agrees on anything at all", () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withSparseArray: true }), (input) => {
        compare(input);
      }),
      { numRuns: runs(500, 2_000) },
    );
  });

  it("judges what answers differently at each read by one copy", () => {
    let reads = 0;
    const moody = new Proxy(
      { ...FULL },
      {
        getOwnPropertyDescriptor(target, name) {
          const property = Reflect.getOwnPropertyDescriptor(target, name);
          const isFirst = name === "tx_amount" && reads++ === 0;
          return property && { ...property, ...(isFirst && { value: -1 }) };
        },
      },
    );
    expect(byTable(moody)).toEqual(bySchema(FULL));
  });
});
