import { describe, expect, it } from "vitest";
import { boundedPointer, copyUntrusted } from "../../src/index.js";

const BOUNDS = { maxDepth: 3, maxEntries: 4 };
const read = (value: unknown) => copyUntrusted(value, BOUNDS);

describe("copyUntrusted", () => {
  it("copies plain data, so that a later change is not seen", () => {
    const source = { a: [1, "x", null, true] };
    const copy = read(source);
    source.a.length = 0;
    expect(copy).toEqual({ ok: true, value: { a: [1, "x", null, true] } });
  });

  it.each<[string, unknown, string]>([
    [
      "an accessor",
      {
        a: {
          get b() {
            return 1;
          },
        },
      },
      "/a/b",
    ],
    ["undefined", { a: undefined }, "/a"],
    ["a class instance", { a: new Date(0) }, "/a"],
    ["an own __proto__", JSON.parse('{"__proto__":{}}'), "/__proto__"],
    ["a lone surrogate", ["\ud800"], "/0"],
    ["a fourth level", [[[[]]]], "/0/0/0"],
    ["a fifth entry", [1, 2, 3, 4, 5], ""],
    ["a hole", [1, , 2], ""],
    [
      "a throwing proxy",
      {
        a: new Proxy(
          {},
          {
            ownKeys() {
              throw new Error("no");
            },
          },
        ),
      },
      "/a",
    ],
    [
      "a revoked proxy",
      (() => {
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        return proxy;
      })(),
      "",
    ],
    ["a function", () => 1, ""],
    ["a bigint", { "a/b~": 1n }, "/a~1b~0"],
  ])("refuses %s", (_, value, path) => {
    expect(read(value)).toEqual({ ok: false, code: "not_plain", path });
  });
});

describe("boundedPointer", () => {
  it("is short and well formed", () => {
    const path = boundedPointer(`/${"a".repeat(254)}😀`);
    expect(path).toHaveLength(256);
    expect(path.isWellFormed()).toBe(true);
  });
});
