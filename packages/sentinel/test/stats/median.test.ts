import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { medianOf } from "../../src/stats/median.js";

describe("medianOf", () => {
  it.each([
    [[], undefined],
    [[3], 3],
    [[1, 2], 2],
    [[5, 1, 3], 3],
    [[4, 1, 3, 2], 3],
  ])("of %j is %j: of an even number the upper middle", (values, median) => {
    expect(medianOf(values)).toBe(median);
  });

  it("is what sorting gives, and leaves the numbers as they are", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 80 }), (values) => {
        const before = [...values];
        expect(medianOf(values)).toBe(values.toSorted((a, b) => a - b)[values.length >> 1]);
        expect(values).toEqual(before);
      }),
    );
  });
});
