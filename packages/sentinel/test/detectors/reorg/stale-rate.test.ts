import { describe, expect, it } from "vitest";
import { digibyte } from "@dgb-shield/chain";
import { severityOfDepth } from "../../../src/detectors/reorg/held.js";
import { advanceShare, staleRateOf } from "../../../src/detectors/reorg/stale-rate.js";
import { randomNumbers } from "../../support/chain.js";

/** What is learnt of a chain that loses so many branches for a block, in stale rates of the table. */
function learnt(rate: number, days: number, seed = 1): number {
  const random = randomNumbers(seed);
  let share: number | null = null;
  for (let block = 0; block < days * 5_760; block += 10) {
    let lost = 0;
    for (let i = 0; i < 10; i++) if (random() < rate) lost++;
    share = advanceShare(share, { blocks: 10, lost }, digibyte);
  }
  return staleRateOf(share, digibyte) / digibyte.stale_rate;
}

describe("staleRateOf", () => {
  it("is the table's rate before anything is learnt, and on a chain that is better than it", () => {
    expect(staleRateOf(null, digibyte)).toBe(digibyte.stale_rate);
    expect(learnt(0.001, 60)).toBe(1);
  });

  it("stays the table's on a chain that has the table's", () => {
    for (const seed of [1, 2, 3, 4]) expect(learnt(digibyte.stale_rate, 30, seed)).toBe(1);
  });

  it("follows a chain of twice the rate within weeks, by its lower bound", () => {
    expect(learnt(0.02, 60)).toBeGreaterThan(2.2);
    expect(learnt(0.02, 60)).toBeLessThan(2.83);
  });

  it("is moved little by a day of an attack, and never above three times the table", () => {
    expect(learnt(0.03, 1)).toBeLessThan(1.4);
    expect(learnt(1, 100)).toBe(3);
  });

  it("stays a rate on a chain with a rate near 1", () => {
    expect(staleRateOf(1, { ...digibyte, stale_rate: 0.4 })).toBe(0.5);
    expect(staleRateOf(1, { ...digibyte, stale_rate: 0.9 })).toBe(0.9);
  });
});

// 2,103,840·0.021224^depth a year: 0.000192, 0.00000408, 0.0000000866
it.each([
  [6, 0.671],
  [7, 0.839],
  [8, 0.99],
])("makes depth %d %d at its bound", (depth, severity) => {
  expect(severityOfDepth(depth, staleRateOf(1, digibyte), digibyte)).toBeCloseTo(severity, 2);
});
