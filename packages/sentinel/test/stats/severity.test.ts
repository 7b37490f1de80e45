import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isNotable, significant } from "../../src/stats/severity.js";
import { severityOfReturnPeriod } from "../../src/index.js";

describe("severityOfReturnPeriod", () => {
  it.each([
    [0, 0],
    [0.001, 0],
    [10 ** -1.5, 0.125], // half way between 0 and 0.25
    [1, 0.25],
    [10 ** 1.5, 0.425], // half way between 0.25 and 0.60
    [1_000, 0.6],
    [1_000_000, 0.9],
    [10 ** 6.5, 0.95], // 0.90 + 0.1 · 0.5
    [10 ** 6.9, 0.99],
    [Infinity, 0.99],
  ])("gives %d years its severity, %d", (years, severity) => {
    expect(severityOfReturnPeriod(years)).toBe(severity);
  });

  it.each([NaN, -1])("takes %d for the worst", (years) => {
    expect(severityOfReturnPeriod(years)).toBe(0.99);
  });

  it("never falls as the return period grows", () => {
    const years = fc.double({ min: 0, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(years, years, (a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        expect(severityOfReturnPeriod(less)).toBeLessThanOrEqual(severityOfReturnPeriod(more));
      }),
    );
  });
});

describe("isNotable", () => {
  it("begins where an honest chain shows the like once a year", () => {
    expect(isNotable(severityOfReturnPeriod(1))).toBe(true);
    expect(isNotable(severityOfReturnPeriod(0.99))).toBe(false);
  });
});

describe("significant", () => {
  it("keeps six digits", () => {
    expect(significant(1.23456789)).toBe(1.23457);
    expect(significant(0)).toBe(0);
  });
});
