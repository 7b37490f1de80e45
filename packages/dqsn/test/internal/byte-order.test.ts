import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareBytes } from "../../src/internal/byte-order.js";

describe("compareBytes", () => {
  it("orders as the UTF-8 bytes do", () => {
    const text = fc.string({
      unit: fc.constantFrom("a", "b", "ü", "\ud7ff", "\ue000", "\uffff", "😀"),
    });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect(Math.sign(compareBytes(a, b))).toBe(expected);
      }),
    );
  });
});
