import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RingBuffer } from "../../src/internal/ring-buffer.js";

describe("RingBuffer", () => {
  it("does as an array that is cut at its front", () => {
    const steps = fc.array(fc.constantFrom("push", "shift", "unshift"), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), steps, (capacity, ops) => {
        const ring = new RingBuffer<number>(capacity);
        const model: number[] = [];
        ops.forEach((op, n) => {
          const isFull = model.length === capacity;
          if (op === "push") {
            model.push(n);
            expect(ring.push(n)).toBe(isFull ? model.shift() : undefined);
          } else if (op === "shift") expect(ring.shift()).toBe(model.shift());
          else {
            expect(ring.unshift(n)).toBe(!isFull);
            if (!isFull) model.unshift(n);
          }
          expect(ring.length).toBe(model.length);
        });
      }),
    );
  });
});
