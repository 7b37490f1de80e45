import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalHash,
  canonicalize,
  ContractError,
  parseStrictJson,
  sha256Hex,
} from "../../src/index.js";

function refusal(value: unknown): string {
  try {
    return canonicalize(value);
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    return `${error.code} ${error.path}`.trim();
  }
}

describe("canonicalize", () => {
  it("writes the example of RFC 8785, section 3.2.2", () => {
    const input = {
      numbers: [333333333.33333329, 1e21 / 1e10, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000f\nA\'B"\\\\"/',
      literals: [null, true, false],
    };
    expect(canonicalize(input)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,100000000000,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it("sorts keys by UTF-16 units, as in RFC 8785, section 3.2.3", () => {
    const keys = ["\u20ac", "\r", "\ufb33", "1", "\ud83d\ude00", "\u0080", "\u00f6"];
    const object = Object.fromEntries(keys.map((key) => [key, 0]));
    const sorted = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\ud83d\ude00", "\ufb33"];
    expect(Object.keys(JSON.parse(canonicalize(object)) as object).sort()).toEqual(
      [...keys].sort(),
    );
    expect(canonicalize(object)).toBe(
      `{${sorted.map((key) => `${JSON.stringify(key)}:0`).join(",")}}`,
    );
  });

  it("sorts integer-like keys as text", () => {
    expect(canonicalize({ 10: 1, 9: 2 })).toBe('{"10":1,"9":2}');
  });

  it.each<[string, unknown, string]>([
    ["undefined", { a: undefined }, "not_plain /a"],
    ["bigint", [1n], "not_plain /0"],
    ["a date", { at: new Date(0) }, "not_plain /at"],
    ["a map", new Map(), "not_plain"],
    [
      "an accessor",
      Object.defineProperty({}, "a", { get: () => 1, enumerable: true }),
      "not_plain /a",
    ],
    ["a hidden property", Object.defineProperty({}, "a", { value: 1 }), "not_plain /a"],
    ["a symbol", { a: Symbol("s") }, "not_plain /a"],
    ["a sparse array", [, 1], "not_plain"],
    ["an array with a name", Object.assign([1], { a: 1 }), "not_plain"],
    ["NaN", [NaN], "bad_number /0"],
    ["2^53", { a: 2 ** 53 }, "bad_number /a"],
    ["a lone surrogate", { a: "\ud800" }, "lone_surrogate /a"],
    ["an own __proto__", JSON.parse('{"__proto__":1}'), "forbidden_key /__proto__"],
    ["over 512,000 bytes", "é".repeat(256_000), "payload_too_large"],
  ])("refuses %s", (_, value, expected) => {
    expect(refusal(value)).toBe(expected);
  });

  it("leaves out what symbols name, as JSON does", () => {
    expect(canonicalize({ [Symbol("s")]: 1, a: Object.assign([1], { [Symbol("s")]: 1 }) })).toBe(
      '{"a":[1]}',
    );
  });

  it("puts few and many keys in one order", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ maxLength: 3 }), { maxLength: 40 }), (keys) => {
        fc.pre(!keys.includes("__proto__"));
        const text = canonicalize(Object.fromEntries(keys.map((key) => [key, 0])));
        expect(text).toBe(
          `{${[...keys]
            .sort()
            .map((key) => `${JSON.stringify(key)}:0`)
            .join(",")}}`,
        );
      }),
    );
  });

  it("refuses a cycle and depth 33, accepts the same object twice", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = { cycle };
    expect(refusal(cycle)).toBe("cycle /self/cycle");
    let deep: unknown = 1;
    for (let i = 0; i < 33; i++) deep = [deep];
    expect(refusal(deep)).toMatch(/^depth_exceeded/);
    const twice = { a: 1 };
    expect(canonicalize([twice, twice])).toBe('[{"a":1},{"a":1}]');
  });

  it("throws its own error alone, whatever a proxy does, and reads each property once", () => {
    const hostile = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new TypeError("no");
        },
      },
    );
    expect(refusal({ a: hostile })).toMatch(/^not_plain/);
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(refusal([proxy])).toMatch(/^not_plain/);
    let reads = 0;
    const moody = new Proxy(
      { a: 1 },
      {
        getOwnPropertyDescriptor: () => ({
          value: reads++,
          enumerable: true,
          configurable: true,
          writable: true,
        }),
      },
    );
    expect(canonicalize(moody)).toBe('{"a":0}');
  });

  it("ignores the hooks that JSON.stringify calls on a value", () => {
    expect(refusal({ toJSON: () => 1 })).toBe("not_plain /toJSON");
    expect(canonicalize({ a: "\\ud800" })).toBe('{"a":"\\\\ud800"}');
    expect(refusal({ a: "\\\ud800" })).toBe("lone_surrogate /a");
    expect(canonicalize({ "-1": 1, "0": 2, "00": 3, "+": 4 })).toBe('{"+":4,"-1":1,"0":2,"00":3}');
    expect(canonicalize(-0)).toBe("0");
  });

  it("refuses a small object whose text is endless: 2^31 shared leaves", () => {
    let shared: unknown = "a";
    for (let i = 0; i < 31; i++) shared = [shared, shared];
    expect(refusal(shared)).toBe("payload_too_large");
    let empty: unknown = [];
    for (let i = 0; i < 30; i++) empty = { a: empty, b: empty };
    expect(refusal(empty)).toBe("payload_too_large");
  });

  it("parses back to the same value and the same text, whatever the order of keys", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        fc.pre(!/_(code|number)|^(bad|lone|forbidden)_/.test(refusal(value)));
        const text = canonicalize(value);
        expect(canonicalize(parseStrictJson(text))).toBe(text);
        expect(canonicalHash(reversed(value))).toBe(sha256Hex(text));
      }),
    );
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([k, v]) => [k, reversed(v)]),
  );
}
