import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Vote, weightedMean, weightedMedian } from "../../src/network/scoring.js";

const vote = fc.record({
  severity: fc.integer({ min: 0, max: 1_000_000 }),
  weight: fc.integer({ min: 1, max: 1_000_000_000 }),
});
const votes = fc.array(vote, { minLength: 1, maxLength: 12 });
const weightOf = (list: Vote[]) => list.reduce((sum, { weight }) => sum + weight, 0);

describe("weightedMedian", () => {
  it.each([
    [[], 0],
    [[[5, 1]], 5],
    [
      [
        [1, 1],
        [9, 1],
      ],
      9,
    ],
    [
      [
        [1, 2],
        [9, 1],
      ],
      1,
    ],
    [
      [
        [1, 1],
        [5, 1],
        [9, 1],
      ],
      5,
    ],
  ])("takes %j as %i", (pairs, expected) => {
    const list = (pairs as [number, number][]).map(([severity, weight]) => ({ severity, weight }));
    expect(weightedMedian(list)).toBe(expected);
  });

  it("stays within the honest range against any coalition with less than half the weight", () => {
    fc.assert(
      fc.property(votes, fc.array(vote, { maxLength: 12 }), (honest, liars) => {
        fc.pre(weightOf(liars) < weightOf(honest));
        const median = weightedMedian([...liars, ...honest]);
        const severities = honest.map(({ severity }) => severity);
        expect(median).toBeGreaterThanOrEqual(Math.min(...severities));
        expect(median).toBeLessThanOrEqual(Math.max(...severities));
      }),
    );
  });
});

describe("weightedMean", () => {
  it.each([
    [[], 0],
    [
      [
        [1, 1],
        [2, 1],
      ],
      2,
    ],
    [
      [
        [0, 3],
        [400_000, 1],
      ],
      100_000,
    ],
  ])("takes %j as %i, rounded up", (pairs, expected) => {
    const list = (pairs as [number, number][]).map(([severity, weight]) => ({ severity, weight }));
    expect(weightedMean(list)).toBe(expected);
  });

  it("lies within the range of the votes", () => {
    fc.assert(
      fc.property(votes, (list) => {
        const severities = list.map(({ severity }) => severity);
        const mean = weightedMean(list);
        expect(mean).toBeGreaterThanOrEqual(Math.min(...severities));
        expect(mean).toBeLessThanOrEqual(Math.max(...severities));
      }),
    );
  });
});
