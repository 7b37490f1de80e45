import { describe, expect, it } from "vitest";
import { inputBytes, judge } from "../../src/adapters/vectors/index.js";

describe("judge", () => {
  const expected = { ok: true, risk: { score: 1 }, codes: ["A", "B"], none: null };
  const right = { ok: true, risk: { score: 1 }, codes: ["A", "B"], none: null };

  it.each([
    ["the same", right],
    ["more members than expected", { ...right, note: 1, risk: { score: 1, tier: "LOW" } }],
    ["members in another order", Object.fromEntries(Object.entries(right).reverse())],
  ])("passes %s", (_, answer) => {
    expect(judge({ expect: expected }, answer)).toBeUndefined();
  });

  it.each([
    ["another value", { ...right, ok: false }, "/ok: expected true, got false"],
    ["another type", { ...right, ok: "true" }, '/ok: expected true, got "true"'],
    ["a missing member", { ...right, ok: undefined }, "/ok: expected true, got nothing"],
    ["a missing null", { ok: true, risk: { score: 1 }, codes: ["A", "B"] }, "/none: expected null"],
    ["another order of items", { ...right, codes: ["B", "A"] }, '/codes/0: expected "A", got "B"'],
    ["a longer array", { ...right, codes: ["A", "B", "C"] }, "/codes/2: not expected"],
    ["a shorter array", { ...right, codes: ["A"] }, '/codes/1: expected "B", got nothing'],
    ["an object for an array", { ...right, codes: { 0: "A", 1: "B" } }, "/codes: expected"],
    ["an inherited member", Object.create(right), "/ok: expected true, got nothing"],
    ["null", null, "answer: expected"],
    ["nothing", undefined, "answer: expected"],
  ])("names the first difference: %s", (_, answer, difference) => {
    expect(judge({ expect: expected }, answer)).toContain(difference);
  });

  it("refuses further members where the case is exact", () => {
    const vector = { expect: { a: { b: 1 } }, exact: true as const };
    expect(judge(vector, { a: { b: 1 } })).toBeUndefined();
    expect(judge(vector, { a: { b: 1, "c/d": 2 } })).toBe("/a/c~1d: not expected");
  });

  it("cuts long values", () => {
    const wrong = judge({ expect: { a: "x" } }, { a: "y".repeat(10_000) });
    expect(wrong?.length).toBeLessThan(200);
  });
});

describe("inputBytes", () => {
  it.each([
    ["text", { text: "é" }, [0xc3, 0xa9]],
    ["bytes", { base64: "Iv8i" }, [0x22, 0xff, 0x22]],
    [
      "parts",
      {
        parts: [
          { text: "[", times: 2 },
          { text: "", times: 9 },
          { text: "]", times: 2 },
        ],
      },
      [0x5b, 0x5b, 0x5d, 0x5d],
    ],
  ])("reads %s", (_, input, bytes) => {
    expect([...inputBytes(input)]).toEqual(bytes);
  });
});
