import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  canonicalHash,
  createEnvelope,
  envelopeSchema,
  parseOwn,
  copyUntrusted,
  signalV2Schema,
  withoutPrototypes,
} from "../../src/index.js";
import { hidden, onObjects, polluted } from "../support/pollution.js";

const BOUNDS = { maxDepth: 8, maxEntries: 64 };
const envelope = createEnvelope({
  component: "sentinel",
  request_id: "r",
  decision: "BLOCK",
  score: 1,
  reason_codes: ["A"],
  evidence: {},
});

/** The envelope without one of its members. */
function without(key: string): object {
  return Object.fromEntries(Object.entries(envelope).filter(([name]) => name !== key));
}

describe("copyUntrusted", () => {
  it("gives objects without a prototype, so that nothing is read through one", () => {
    const read = copyUntrusted({ a: { b: [{ c: 1 }] } }, BOUNDS);
    const found = polluted(onObjects("missing", "evil"), () => {
      const { a, missing } = (read.ok ? read.value : {}) as { a: object; missing?: unknown };
      return [missing, "missing" in a];
    });
    expect(found).toEqual([undefined, false]);
  });

  it("takes an inherited member for none, whoever inherits it", () => {
    const read = copyUntrusted(Object.create({ a: 1 }), BOUNDS);
    expect(read).toEqual({ ok: false, code: "not_plain", path: "" });
    expect(polluted(onObjects("a", 1), () => copyUntrusted({}, BOUNDS))).toEqual({
      ok: true,
      value: {},
    });
  });
});

describe("parseOwn", () => {
  const schema = z.strictObject({ a: z.int(), b: z.strictObject({ c: z.string().optional() }) });

  it("reads by a schema, and names the first offence", () => {
    expect(parseOwn(schema, { a: 1, b: {} }, BOUNDS)).toEqual({
      ok: true,
      value: { a: 1, b: {} },
    });
    expect(parseOwn(schema, { a: 1, b: { d: 1 } }, BOUNDS)).toEqual({
      ok: false,
      code: "invalid_value",
      path: "/b/d",
    });
    expect(parseOwn(schema, { a: () => 1 }, BOUNDS)).toEqual({
      ok: false,
      code: "not_plain",
      path: "/a",
    });
  });

  it("supplies no missing member from a prototype, on the way in or out", () => {
    const result = polluted(onObjects("c", "evil"), () => {
      const read = parseOwn(schema, { a: 1, b: {} }, BOUNDS);
      return read.ok ? read.value.b.c : "refused";
    });
    expect(result).toBeUndefined();
    expect(polluted(onObjects("a", 1), () => parseOwn(schema, { b: {} }, BOUNDS))).toEqual({
      ok: false,
      code: "invalid_value",
      path: "/a",
    });
  });

  it("refuses nothing for a member that every object inherits", () => {
    expect(polluted(onObjects("x", 1), () => parseOwn(schema, { a: 1, b: {} }, BOUNDS).ok)).toBe(
      true,
    );
  });

  it("runs its checks whatever switches of the schema library are inherited", () => {
    const small = z.strictObject({ a: z.int().max(1) });
    for (const [key, value] of [
      ["skipChecks", true],
      ["direction", "backward"],
      ["jitless", true],
    ] as const) {
      expect(polluted(onObjects(key, value), () => parseOwn(small, { a: 9 }, BOUNDS).ok)).toBe(
        false,
      );
    }
  });

  it("never throws, whatever the schema does", () => {
    const throwing = z.unknown().transform(() => {
      throw new Error("no");
    });
    expect(parseOwn(throwing, {}, BOUNDS)).toEqual({ ok: false, code: "invalid_value", path: "" });
  });
});

describe("withoutPrototypes", () => {
  it("copies deeply, and leaves what is not plain as it is", () => {
    const date = new Date(0);
    const source = { a: [{ b: 1 }], date };
    const copy = withoutPrototypes(source);
    source.a.length = 0;
    expect(copy).toEqual({ a: [{ b: 1 }], date });
    expect(Object.getPrototypeOf(copy.a[0])).toBeNull();
    expect(copy.date).toBe(date);
  });
});

describe("schemas", () => {
  it.each(Object.entries(envelope))("supply no missing %s of an envelope", (key, value) => {
    const input = without(key);
    const { success } = polluted(hidden(onObjects(key, value)), () =>
      envelopeSchema.safeParse(input),
    );
    expect(success).toBe(false);
  });

  it("supply no missing member of a signal, and take no optional one that is inherited", () => {
    const signal = { node_id: "n", source: "sentinel", type: "t", severity: 1 };
    const { severity, ...incomplete } = signal;
    expect(
      polluted(onObjects("severity", severity), () => signalV2Schema.safeParse(incomplete).success),
    ).toBe(false);
    const own = polluted(onObjects("operator", "evil"), () => {
      const parsed = signalV2Schema.safeParse(signal);
      return parsed.success && Object.hasOwn(parsed.data, "operator");
    });
    expect(own).toBe(false);
  });

  it("accept what is right whatever every object inherits", () => {
    for (const key of ["x", "operator", "metadata"]) {
      expect(polluted(onObjects(key, 1), () => envelopeSchema.safeParse(envelope).success)).toBe(
        true,
      );
    }
  });

  it("stay so when another schema is derived from them", () => {
    const derived = envelopeSchema
      .extend({ component: z.literal("sentinel") })
      .refine(({ risk }) => risk.score === 1);
    expect(derived.safeParse(envelope).success).toBe(true);
    const input = without("decision");
    expect(
      polluted(hidden(onObjects("decision", "ALLOW")), () => derived.safeParse(input).success),
    ).toBe(false);
  });
});

describe("canonicalHash", () => {
  it("is the same for a copy without prototypes", () => {
    expect(canonicalHash(withoutPrototypes(envelope))).toBe(canonicalHash(envelope));
  });
});
