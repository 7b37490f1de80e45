import { describe, expect, it } from "vitest";
import { z } from "zod";
import * as contract from "../src/index.js";
import * as signing from "../src/adapters/signing/index.js";
import * as vectors from "../src/adapters/vectors/index.js";

/** A pattern whose one changeable property, `lastIndex`, has no effect; zod writes to it. */
const isStateless = (value: object): boolean =>
  value instanceof RegExp && !value.global && !value.sticky;

/** Every object that can be reached from a value and is not frozen; schemas are checked apart. */
function changeable(value: unknown, path: string): string[] {
  if (typeof value !== "object" || value === null || value instanceof z.ZodType) return [];
  if (isStateless(value)) return [];
  const inner = Reflect.ownKeys(value).flatMap((key) =>
    changeable(Reflect.get(value, key), `${path}.${String(key)}`),
  );
  return Object.isFrozen(value) ? inner : [path, ...inner];
}

describe("exported tables", () => {
  it.each(Object.entries({ contract, signing, vectors }))(
    "of %s are frozen deeply",
    (_, module) => {
      expect(Object.entries(module).flatMap(([name, value]) => changeable(value, name))).toEqual(
        [],
      );
    },
  );

  it("keep their order when a caller sorts them", () => {
    expect(() => (contract.ENVELOPE_DECISIONS as unknown as string[]).reverse()).toThrow(TypeError);
    expect(contract.worstDecision(["ALLOW", "BLOCK"])).toBe("BLOCK");
  });
});

describe("schemas", () => {
  it("hand out no table that changes what they accept", () => {
    const { decision } = contract.envelopeSchema.shape;
    expect(() => Object.assign(decision.enum, { MAYBE: "MAYBE" })).toThrow(TypeError);
    expect(() => (decision.options as string[]).push("MAYBE")).toThrow(TypeError);
    expect(() => Object.assign(contract.envelopeSchema.shape, { decision: z.any() })).toThrow(
      TypeError,
    );
    expect(() => Object.assign(contract.dqsnResponseSchema.shape, { component: z.any() })).toThrow(
      TypeError,
    );
  });
});

describe("toJsonSchema", () => {
  it("gives a copy of its own each time", () => {
    const first = contract.toJsonSchema("Envelope");
    first["type"] = "string";
    (first["properties"] as { decision: { enum: string[] } }).decision.enum.push("MAYBE");
    expect(contract.toJsonSchema("Envelope")).not.toEqual(first);
    expect(JSON.stringify(contract.toJsonSchema("Envelope"))).not.toContain("MAYBE");
  });
});
