/** How usual a payment is for its account (design, section 7: behaviour). */
import fc from "fast-check";
import { runs } from "@dgb-shield/testkit/runs";
import { describe, expect, it } from "vitest";
import { BEHAVIOUR_WINDOWS_MS, behaviourScore } from "../../src/index.js";

const DAY_MS = 86_400_000;

/** What left on each day before: `days[0]` within the last 24 hours. */
function score(days: readonly number[], amount: number): number {
  const sums = BEHAVIOUR_WINDOWS_MS.map((ms) =>
    days.slice(0, ms / DAY_MS).reduce((sum, one) => sum + BigInt(one), 0n),
  );
  return behaviourScore(sums, BigInt(amount));
}

/** Days of a history, from one day ago on. */
const since = (...days: readonly number[]) => [0, ...days];
const weekly = (weeks: number, amount: number) =>
  Array.from({ length: weeks * 7 }, (_, i) => (i % 7 === 3 ? amount : 0));

describe("behaviourScore", () => {
  it.each([
    ["no history", [], 1_000_000, 1],
    ["four active days", since(5, 5, 5, 5), 1_000_000, 1],
    ["twice the largest of five active days", since(5, 5, 5, 5, 5), 10, 1],
    ["three times the largest", since(50, 50, 50, 50, 50), 150, 1.5],
    ["a little more than that", since(50_000, 50_000, 50_000, 50_000, 50_000), 150_001, 1.51],
    ["what left within 24 hours already", [100, 50, 50, 50, 50, 50], 50, 1.5],
    // The largest day is 1,000, and the median 10: it counts for 80.
    ["one large payment long ago", since(10, 10, 10, 10, 10, 10, 1_000), 320, 2],
    // 26 weeks of 100, of which three have a day within the last 21: by weeks alone, (100 + 300) / 200.
    ["a payment a week", weekly(26, 100), 300, 2],
    ["far too much", since(1, 1, 1, 1, 1), 1e15, 1_000_000],
  ] as const)("of %s", (_name, days, amount, expected) => {
    expect(score(days, amount)).toBe(expected);
  });

  it("takes the worse of days and weeks", () => {
    // Each day 10, and each week 70.
    const even = Array.from({ length: 200 }, (_, i) => (i === 0 ? 0 : 10));
    expect(score(even, 10)).toBe(1);
    // After six days of 40 such a day is usual, and the week has 280 of 70.
    const more = even.map((one, i) => (i >= 1 && i <= 6 ? 40 : one));
    expect(score(more, 40)).toBe(2);
  });

  const days = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100_000 })), {
    minLength: 183,
    maxLength: 183,
  });
  const amount = fc.integer({ min: 1, max: 10_000_000 });

  it("grows with the amount, and with what left today", () => {
    fc.assert(
      fc.property(days, amount, fc.nat(100_000), (history, one, more) => {
        expect(score(history, one + more)).toBeGreaterThanOrEqual(score(history, one));
        const today = history.map((sum, i) => (i === 0 ? sum + more : sum));
        expect(score(today, one)).toBeGreaterThanOrEqual(score(history, one));
      }),
      { numRuns: runs(300, 5_000) },
    );
  });

  /** The median and largest sum of active steps before the present one. */
  function stepsOf(history: readonly number[], count: number, length: number) {
    const sums = Array.from({ length: count }, (_, i) =>
      history.slice((i + 1) * length, (i + 2) * length).reduce((sum, one) => sum + one, 0),
    );
    return sums.filter((sum) => sum > 0).sort((a, b) => a - b);
  }

  it("is never made more usual by payments on days of weeks without any, however many: padding", () => {
    fc.assert(
      fc.property(
        days,
        amount,
        fc.array(fc.nat(182), { maxLength: 200 }),
        fc.nat(),
        (history, one, at, size) => {
          const medians = [stepsOf(history, 21, 1), stepsOf(history, 26, 7)].map(
            (steps) => steps[Math.ceil(steps.length / 2) - 1] ?? Infinity,
          );
          const most = Math.min(...medians, 100_000);
          const padded = [...history];
          for (const day of at) {
            const week = history.slice(Math.floor(day / 7) * 7, Math.floor(day / 7) * 7 + 7);
            // One a week, and no more than what is usual.
            const isQuiet =
              week.every((sum) => sum === 0) &&
              padded
                .slice(Math.floor(day / 7) * 7, Math.floor(day / 7) * 7 + 7)
                .every((sum) => sum === 0);
            if (isQuiet) padded[day] = 1 + (size % most);
          }
          expect(score(padded, one)).toBeGreaterThanOrEqual(score(history, one));
        },
      ),
      { numRuns: runs(500, 10_000) },
    );
  });

  it("is made more usual by padding on known days by no more than eight times what it costs a day or week", () => {
    fc.assert(
      fc.property(
        days,
        amount,
        fc.array(fc.nat(50), { minLength: 183, maxLength: 183 }),
        (history, one, pads) => {
          const padded = history.map((sum, i) => sum + (pads[i] ?? 0));
          const referenceOf = (steps: readonly number[]) =>
            Math.min(8 * (steps[Math.ceil(steps.length / 2) - 1] ?? 0), steps.at(-1) ?? 0);
          for (const [count, length] of [
            [21, 1],
            [26, 7],
          ] as const) {
            const [before, after] = [
              stepsOf(history, count, length),
              stepsOf(padded, count, length),
            ];
            const isSameDays = before.length === after.length;
            if (!isSameDays) continue;
            expect(referenceOf(after) - referenceOf(before)).toBeLessThanOrEqual(8 * 50 * length);
          }
          expect(score(padded, one)).toBeGreaterThanOrEqual(1);
        },
      ),
      { numRuns: runs(300, 5_000) },
    );
  });
});
