import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ring } from "../../src/internal/ring.js";

describe("Ring", () => {
  it("does as an array that is cut at its front", () => {
    const steps = fc.array(fc.boolean(), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), steps, (capacity, pushes) => {
        const ring = new Ring<number>(capacity);
        const model: number[] = [];
        pushes.forEach((isPush, n) => {
          if (isPush) {
            model.push(n);
            expect(ring.push(n)).toBe(model.length > capacity);
            model.splice(0, model.length - capacity);
          } else {
            expect(ring.shift()).toBe(model.shift());
          }
          expect(ring.length).toBe(model.length);
        });
      }),
    );
  });
});
