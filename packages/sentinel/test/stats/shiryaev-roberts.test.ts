import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextStatistic, yearsOf } from "../../src/stats/shiryaev-roberts.js";
import { randomNumbers } from "../support/chain.js";

const CEILING = 1e12;
const step = (statistic: number, likelihoodRatio: number) =>
  nextStatistic(statistic, { likelihoodRatio, steps: 1, ceiling: CEILING });

/** Steps of an honest chain until R reaches a threshold, begun anew each time; their mean. */
function meanRunLength(ratioOf: (spacing: number) => number, threshold: number, steps: number) {
  const random = randomNumbers(7);
  let statistic = 0;
  let alarms = 0;
  for (let i = 0; i < steps; i++) {
    statistic = step(statistic, ratioOf(-Math.log(random())));
    if (statistic < threshold) continue;
    alarms++;
    statistic = 0;
  }
  return steps / alarms;
}

const fast = (spacing: number) => 1.2 * Math.exp(-0.2 * spacing);
const slow = (spacing: number) => Math.exp(spacing / 6) / 1.2;

describe("nextStatistic", () => {
  it.each([
    ["fast", 300, fast],
    ["fast", 3_000, fast],
    ["slow", 300, slow],
    ["slow", 3_000, slow],
  ])("never promises more than honest spacings keep: %s at %d", (_, threshold, ratioOf) => {
    const measured = meanRunLength(ratioOf, threshold, 3_000_000);
    expect(measured).toBeGreaterThan(threshold);
    expect(measured).toBeLessThan(1.3 * threshold); // the overshoot alone
  });

  it("takes steps at once as it would one by one, if they differ in nothing", () => {
    const ratio = fc.double({ min: 0.1, max: 3, noNaN: true });
    fc.assert(
      fc.property(ratio, fc.integer({ min: 2, max: 20 }), (each, steps) => {
        let oneByOne = 5;
        for (let i = 0; i < steps; i++) oneByOne = step(oneByOne, each);
        const likelihoodRatio = each ** steps;
        const atOnce = nextStatistic(5, { likelihoodRatio, steps, ceiling: CEILING });
        expect(atOnce / oneByOne).toBeCloseTo(1, 6);
      }),
    );
  });

  it.each([Infinity, 1e300])("is held at the ceiling by a ratio of %d", (likelihoodRatio) => {
    for (const steps of [1, 35_000]) {
      expect(nextStatistic(1, { likelihoodRatio, steps, ceiling: CEILING })).toBe(CEILING);
    }
  });

  it("begins anew after a ratio of 0", () => {
    expect(nextStatistic(1e6, { likelihoodRatio: 0, steps: 100, ceiling: CEILING })).toBe(0);
  });
});

describe("yearsOf", () => {
  it("gives a statistic its share of the false alarms", () => {
    expect(yearsOf(2_103_840, 0.5, 2_103_840)).toBe(0.5);
  });
});
