import { describe, expect, it } from "vitest";
import fc from "fast-check";
import {
  canonicalize,
  ContractError,
  createEnvelope,
  idSchema,
  isEnvelope,
  type JsonObject,
  parseJsonList,
  parseStrictJson,
  copyUntrusted,
} from "../../src/index.js";

/** RFC 7493, section 2.1, and Unicode, section 23.7: 32 in the BMP's Arabic block, and two in each of 17 planes. */
const NONCHARACTERS = [
  ...Array.from({ length: 32 }, (_, i) => 0xfdd0 + i),
  ...Array.from({ length: 17 }, (_, plane) => [(plane << 16) | 0xfffe, (plane << 16) | 0xffff]),
].flat();

const refusalOf = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error instanceof ContractError ? [error.code, error.path] : error;
  }
  return "accepted";
};

const escaped = (text: string): string =>
  Array.from(
    { length: text.length },
    (_, i) => `\\u${text.charCodeAt(i).toString(16).padStart(4, "0")}`,
  ).join("");

describe("noncharacters", () => {
  it("are 66", () => expect(new Set(NONCHARACTERS).size).toBe(66));

  it.each(NONCHARACTERS.map((point) => [point.toString(16), String.fromCodePoint(point)]))(
    "are refused everywhere: U+%s",
    (_, character) => {
      const at = (path: string) => ["noncharacter", path];
      for (const written of [character, escaped(character)]) {
        expect(refusalOf(() => parseStrictJson(`{"a":["x${written}"]}`))).toEqual(at("/a/0"));
        expect(refusalOf(() => parseStrictJson(`{"a":{"${written}":1}}`))).toEqual(
          at(`/a/${character}`),
        );
        expect(refusalOf(() => parseJsonList(`{"l":["${written}"]}`, "l"))).toEqual(at("/l/0"));
      }
      expect(refusalOf(() => canonicalize({ a: [character] }))).toEqual(at("/a/0"));
      expect(refusalOf(() => canonicalize({ [character]: 1 }))).toEqual(at(`/${character}`));
      expect(idSchema.safeParse(`a${character}`).success).toBe(false);
      const bounds = { maxDepth: 2, maxEntries: 2 };
      expect(copyUntrusted({ a: character }, bounds)).toEqual({
        ok: false,
        code: "not_plain",
        path: "/a",
      });
      expect(copyUntrusted({ [character]: 1 }, bounds).ok).toBe(false);
    },
  );

  it("are refused in an envelope, by the schema and by hand", () => {
    const statement = {
      component: "sentinel",
      request_id: "r",
      decision: "ALLOW",
      score: 0,
      reason_codes: [],
      evidence: {},
    } as const;
    expect(refusalOf(() => createEnvelope({ ...statement, request_id: "\ufffe" }))).toEqual([
      "noncharacter",
      "/request_id",
    ]);
    const forged = { ...createEnvelope(statement), request_id: "\ufffe" };
    expect(isEnvelope(forged as unknown as JsonObject)).toBe(false);
  });

  it("are distinguished from every other code point (property)", () => {
    const isOne = new Set(NONCHARACTERS);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0x10ffff }), fc.boolean(), (point, isEscaped) => {
        fc.pre(point < 0xd800 || point > 0xdfff);
        const character = String.fromCodePoint(point);
        const text = isEscaped ? `"${escaped(character)}"` : JSON.stringify(character);
        const expected = isOne.has(point) ? ["noncharacter", ""] : "accepted";
        expect(refusalOf(() => parseStrictJson(text))).toEqual(expected);
        expect(refusalOf(() => canonicalize(character))).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });
});
