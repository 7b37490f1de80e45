import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBuckets } from "../../src/rate/buckets.js";

describe("createBuckets", () => {
  it("lets a minute's calls through at once, and then one each time a call's share of the minute has passed", () => {
    const buckets = createBuckets();
    const take = (nowMs: number): number => buckets.take("a", 6, nowMs);
    expect([1, 2, 3, 4, 5, 6].map(() => take(0))).toEqual([0, 0, 0, 0, 0, 0]);
    // 60,000 ms / 6 calls = 10,000 ms a call.
    expect(take(0)).toBe(10_000);
    expect(take(9_999)).toBe(1);
    expect(take(10_000)).toBe(0);
    expect(take(10_000)).toBe(10_000);
    expect(buckets.take("b", 6, 10_000)).toBe(0);
  });

  it("gives no call more by a clock that goes back or a rate that falls", () => {
    const buckets = createBuckets();
    for (let i = 0; i < 10; i++) expect(buckets.take("a", 600, 50_000)).toBe(0);
    // 590 of 600 are left; the new size is 2.
    expect([0, 0, 0].map(() => buckets.take("a", 2, 0))).toEqual([0, 0, 30_000]);
  });

  it("never lets more than twice the rate through in any minute", () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 20 }), (steps, perMinute) => {
        const buckets = createBuckets();
        const passed: number[] = [];
        let now = 0;
        for (const step of steps) {
          now += step;
          if (buckets.take("a", perMinute, now) === 0) passed.push(now);
        }
        for (const at of passed) {
          const within = passed.filter((other) => other >= at && other < at + 60_000).length;
          expect(within).toBeLessThanOrEqual(2 * perMinute);
        }
      }),
    );
  });
});
