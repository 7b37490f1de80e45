import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { measureLive } from "../../src/cli/measure-live.js";
import { openParts } from "../../src/cli/parts.js";
import { HONEST_KINDS } from "../../src/simulation/live/honest-kinds.js";
import { LIVE_ATTACKS } from "../../src/simulation/live/live-attacks.js";
import { SEED_SETS } from "../../src/simulation/live/sets.js";

const folder = mkdtempSync(join(tmpdir(), "sentinel-lab-short-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DAY_MONTHS = 1 / 30.4375;
const quiet = { move: () => undefined, end: () => undefined };

const measured = (only: readonly string[], amount: Readonly<{ months: number; runs: number }>) =>
  measureLive({ set: SEED_SETS.short, only, ...amount }, openParts(folder, process.pid), quiet)
    .report;

describe("the kinds and attacks", () => {
  it("have names of their own, and eight honest kinds at least beside those of the trials", () => {
    const names = [...HONEST_KINDS, ...LIVE_ATTACKS].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(HONEST_KINDS.length).toBeGreaterThanOrEqual(32 + 8);
    expect(HONEST_KINDS.filter(({ isHeld }) => !isHeld).map(({ name }) => name)).toEqual([
      "stale-4",
      "algorithm-600",
      "algorithm-3600",
      "delay-30",
    ]);
  });
});

describe("the short form of the report", () => {
  it("finds nothing high on the first day of each hard kind, and next to nothing at all", () => {
    const { honest } = measured(
      ["stale-2", "visits-5", "shape-60", "jitter-60", "ahead-5", "delay-5", "mixed", "restarts"],
      { months: DAY_MONTHS, runs: 0 },
    );
    expect(honest).toHaveLength(8);
    expect(honest.flatMap(({ alarms }) => alarms.filter((one) => one.high + one.critical))).toEqual(
      [],
    );
    // Eight days at one a month: 0.26 in the mean, more than three in one run of 6,000.
    const elevated = honest.reduce((sum, one) => sum + one.elevated.count, 0);
    expect(elevated).toBeLessThanOrEqual(3);
  });

  it.each([["rival-headers-only"], ["reorg-2-each-30-min"], ["litecoin-april"], ["all-x3"]])(
    "%s is found as is asked",
    (name) => {
      const { attacks } = measured([name], { months: 0, runs: 1 });
      expect(attacks).toMatchObject([{ name, is_met: true }]);
    },
  );
});
