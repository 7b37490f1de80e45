import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "@dgb-shield/testkit/runs";
import {
  canonicalize,
  ContractError,
  LIMITS,
  parseJsonList,
  parseStrictJson,
  copyUntrusted,
  utf8Length,
} from "../../src/index.js";

const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

function refusal(input: string | Uint8Array): string {
  try {
    parseStrictJson(input);
    return "accepted";
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    return `${error.code} ${error.path}`.trim();
  }
}

describe("parseStrictJson", () => {
  it.each([
    ["duplicate key", '{"a":1,"b":{"c":1,"c":2}}', "duplicate_key /b/c"],
    ["duplicate key by escape", '{"a":1,"\\u0061":2}', "duplicate_key /a"],
    ["lone surrogate in a value", '{"a":["\\ud800"]}', "lone_surrogate /a/0"],
    ["lone surrogate as it is", '["\ud800"]', "lone_surrogate /0"],
    ["lone surrogate in a key", '{"\\udc00":1}', "lone_surrogate"],
    ["invalid UTF-8", Uint8Array.of(0x22, 0xff, 0x22), "invalid_utf8"],
    ["byte order mark, text", "\ufeff{}", "byte_order_mark"],
    ["byte order mark, bytes", Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d), "byte_order_mark"],
    ["__proto__", '{"x":{"__proto__":1}}', "forbidden_key /x/__proto__"],
    ["__proto__ by escape", '{"\\u005f_proto__":1}', "forbidden_key /__proto__"],
    ["overflow", "[1e400]", "bad_number /0"],
    ["10**400 written out", `1${"0".repeat(400)}`, "bad_number"],
    ["2^53", "9007199254740992", "bad_number"],
    ["2^53 written with a point", "9007199254740992.0", "bad_number"],
    ["2^53 written with an exponent", "9.007199254740992e15", "bad_number"],
    ["33 levels", nested(33), "depth_exceeded"],
    ["a 1.6 kB nest", nested(800), "depth_exceeded"],
    ["a trailing comma", '{"a":1,}', "invalid_json"],
    ["a leading zero", "[01]", "invalid_json"],
    ["a plus", "[+1]", "invalid_json /0"],
    ["NaN", "[NaN]", "invalid_json /0"],
    ["a comment", "[1]//", "invalid_json"],
    ["two values", "1 2", "invalid_json"],
    ["nothing", "", "invalid_json"],
    ["a raw line feed in a string", '"\n"', "invalid_json"],
    ["a single quote", "'a'", "invalid_json"],
    ["an open string", '"a', "invalid_json"],
    ["white space that JSON does not have", "\u00a01", "invalid_json"],
  ])("refuses %s", (_, input, expected) => {
    expect(refusal(input)).toMatch(new RegExp(`^${expected}`));
  });

  it("accepts exactly 512,000 bytes and refuses one more", () => {
    const text = `"${"a".repeat(LIMITS.maxPayloadBytes - 2)}"`;
    expect(refusal(text)).toBe("accepted");
    expect(refusal(` ${text}`)).toBe("payload_too_large");
    expect(refusal(`"${"é".repeat(LIMITS.maxPayloadBytes / 2)}"`)).toBe("payload_too_large");
  });

  it("accepts depth 32 and ±(2^53−1)", () => {
    expect(refusal(nested(32))).toBe("accepted");
    expect(parseStrictJson("[9007199254740991,-9007199254740991]")).toEqual([
      2 ** 53 - 1,
      1 - 2 ** 53,
    ]);
  });

  it("reads what JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), fc.constantFrom(undefined, 2), (json, indent) => {
        const text = JSON.stringify(JSON.parse(json), undefined, indent);
        fc.pre(refusal(text) === "accepted");
        expect(parseStrictJson(text)).toEqual(JSON.parse(text));
        expect(parseStrictJson(new TextEncoder().encode(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it("throws nothing but its own error, and accepts nothing that JSON.parse refuses", () => {
    const fragment = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ":",
      ",",
      '"',
      "\\",
      "a",
      "1",
      "-",
      ".",
      "e",
      "0",
      "null",
      "true",
      " ",
      "\\u12",
      '"k":',
    );
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 12 }), (parts) => {
        const text = parts.join("");
        if (refusal(text) === "accepted") expect(() => JSON.parse(text)).not.toThrow();
      }),
      { numRuns: runs(1_000, 5_000) },
    );
  });
});

describe("utf8Length", () => {
  it.each([
    ["", 0],
    ["a", 1],
    ["é", 2],
    ["€", 3],
    ["😀", 4],
    ["a😀é", 7],
  ])("counts %j as %d bytes", (text, bytes) => {
    expect(utf8Length(text)).toBe(bytes);
  });
});

describe("parseStrictJson, given no text", () => {
  it.each([
    undefined,
    null,
    1,
    true,
    {},
    [],
    [123, 125],
    () => "{}",
    Symbol("{}"),
    new String("{}"),
    new ArrayBuffer(2),
    { toString: () => "{}" },
  ])("refuses an input of another type: %o", (input) => {
    for (const read of [parseStrictJson, (text: string) => parseJsonList(text, "l")]) {
      expect(() => read(input as string)).toThrow(
        expect.objectContaining({ name: "ContractError", code: "invalid_json", path: "" }),
      );
    }
  });

  it("reads bytes of any view, and refuses detached ones", () => {
    const bytes = new TextEncoder().encode("{}");
    expect(parseStrictJson(new DataView(bytes.buffer) as never)).toEqual({});
    expect(parseStrictJson(Buffer.from("{}"))).toEqual({});
    structuredClone(bytes, { transfer: [bytes.buffer] });
    expect(() => parseStrictJson(bytes)).toThrow(ContractError);
  });
});

describe("objects of another realm", () => {
  it("are refused as not plain, as documented", () => {
    const foreign: unknown = runInNewContext("({ a: [1] })");
    expect(() => canonicalize(foreign)).toThrow(
      expect.objectContaining({ code: "not_plain", path: "" }),
    );
    expect(copyUntrusted(foreign, { maxDepth: 4, maxEntries: 4 })).toEqual({
      ok: false,
      code: "not_plain",
      path: "",
    });
    const text: unknown = runInNewContext("JSON.stringify({ a: [1] })");
    expect(parseStrictJson(text as string)).toEqual({ a: [1] });
  });
});
