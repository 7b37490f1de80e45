import { describe, expect, it } from "vitest";
import { digibyte, digibyteRegtest } from "@dgb-shield/chain";
import { reorg } from "../../../src/index.js";
import { poissonTail } from "../../../src/stats/tails.js";
import { burstYears } from "../../../src/detectors/reorg/reorg-burst.js";
import { branchOf, observation, run, timed } from "../../support/chain.js";

/** Reorganisations of one depth, one after another, a spacing or more apart. */
function flapping(depth: number, times: number, secondsApart: number) {
  const observations = [observation(branchOf("0", 1, 20))];
  for (let i = 1; i <= times; i++) {
    const [branch, on] = [(i % 16).toString(16), ((i + 15) % 16).toString(16)];
    const tip = observations.at(-1)!;
    const blocks = branchOf(branch, tip.tip.height + 1 - depth, tip.tip.height + 1, on);
    observations.push(observation(blocks, { at_ms: tip.at_ms + secondsApart * 1_000 }));
  }
  return observations;
}
const trips = (depth: number, times: number, secondsApart = 30) =>
  run(reorg, flapping(depth, times, secondsApart))
    .map((findings) => findings.filter(({ finding_id }) => finding_id.startsWith("reorg:repeated")))
    .findIndex((findings) => findings.length > 0);

describe("poissonTail", () => {
  it.each([
    [0, 1, 1],
    [1, 1, 1 - Math.exp(-1)],
    [2, 1, 1 - 2 * Math.exp(-1)],
    [3, 0.01, 1.6542163e-7], // 0.01^3/6 · (1 − 0.0075 + …)
  ])("gives at least %d of %d", (count, mean, tail) => {
    expect(poissonTail(count, mean) / tail).toBeCloseTo(1, 5);
  });
});

describe("burstYears", () => {
  // Depth 2: 2,103,840·0.0070747²/(1 − 0.0070747) = 106.05 a year, 0.012098 an hour;
  // 4 of them: 1/(7·106.05·0.012098³/6·(1 − …)) = 4,605 years; 5: 1.52 million
  const [HOUR, DAY, WEEK] = [240, 5_760, 40_320];
  it.each([
    [2, HOUR, 1, 4, 3.66],
    [2, HOUR, 1, 5, 6.18],
    [3, HOUR, 1, 3, 7.72],
    [1, HOUR, 3, 29, 6.1],
    [2, DAY, 3, 20, 6.3],
    [3, DAY, 3, 6, 6.19],
    [2, WEEK, 3, 54, 6.45],
    [3, WEEK, 3, 10, 7.2],
  ])(
    "depth %d within %d spacings at %d times the rate, %d times: 10^%d years",
    (least_depth, spacings, factor, count, magnitude) => {
      const rate = factor * digibyte.stale_rate;
      const years = burstYears({ least_depth, spacings, count, rate }, digibyte);
      expect(Math.log10(years)).toBeCloseTo(magnitude, 1);
    },
  );
});

describe("repeated reorganisations", () => {
  it.each([
    [2, 5],
    [3, 3],
  ])("of depth %d are critical at the %d. within an hour", (depth, count) => {
    expect(trips(depth, count)).toBe(count);
    expect(trips(depth, count - 1)).toBe(-1);
  });

  it("of one block are the nature of the chain, but for very many", () => {
    expect(trips(1, 8)).toBe(-1);
    expect(trips(1, 30)).toBe(29);
  });

  it("are nothing when they are spread over hours", () => {
    expect(trips(2, 10, 3_600)).toBe(-1);
  });

  it.each([
    ["4 blocks each 65 minutes", 4, 65, 6, 5.5],
    ["2 blocks each 30 minutes", 2, 30, 20, 9.6],
    ["3 blocks a day", 3, 1_000, 10, 151],
  ])("of %s are critical", (_, depth, minutes, count, hours) => {
    expect(trips(depth, 60, minutes * 60)).toBe(count);
    expect(((count - 1) * minutes) / 60).toBeLessThan(hours);
  });

  it("keep a bounded number of events", () => {
    let state = reorg.initial();
    for (const one of flapping(2, 400, 20)) state = reorg.reduce(state, timed(one), digibyte).state;
    expect((state as { burst: { events: unknown[] } }).burst.events).toHaveLength(96);
  });

  it("stay for ten minutes after the last", () => {
    const observations = flapping(2, 5, 30);
    const last = observations.at(-1)!;
    const later = (ms: number) => observation([], { tip: last.tip, at_ms: last.at_ms + ms });
    const found = run(reorg, [...observations, later(599_999), later(600_000)], digibyteRegtest);
    expect(found.slice(-3).map((findings) => findings.map(({ severity }) => severity))).toEqual([
      [0.99],
      [0.99],
      [],
    ]);
  });
});
