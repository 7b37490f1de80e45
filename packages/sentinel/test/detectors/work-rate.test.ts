import { describe, expect, it } from "vitest";
import { digibyte, litecoin } from "@dgb-shield/chain";
import { type DetectorFinding, workRate } from "../../src/index.js";
import { header, observation, randomNumbers, START_S, timed } from "../support/chain.js";

const HOUR = 3_600;
const DAY = 24 * HOUR;

type Rate = (s: number) => number;

/** Polls each minute; work comes as blocks of a chain whose difficulty has followed the rate. */
function watched(
  days: number,
  rate: Rate,
  { seed = 1, byDifficulty = false, chain = digibyte } = {},
) {
  const random = randomNumbers(seed);
  let state = workRate.initial();
  let [work, height, wander] = [1e18, 1, 0];
  const found: { s: number; finding: DetectorFinding }[] = [];
  for (let s = 0; s < days * DAY; s += 60) {
    if (s % HOUR === 0)
      wander = 0.96 * wander + 0.0125 * (random() + random() + random() - 1.5) * 2;
    const difficulty = Math.exp(wander) * rate(s);
    const mean = 60 / chain.spacing_seconds;
    let blocks = 0;
    for (let product = random(); product > Math.exp(-mean); product *= random()) blocks++;
    height += blocks;
    work += blocks * difficulty * 1e9;
    const evidence = byDifficulty
      ? { difficulties: { scrypt: difficulty * 4, skein: difficulty * 9 } }
      : { chainwork: BigInt(Math.round(work)).toString(16).padStart(64, "0") };
    const tip = header(height, { time_s: START_S + s });
    const one = observation([], { tip, at_ms: (START_S + s) * 1_000, ...evidence });
    const reduced = workRate.reduce(state, timed(one), chain);
    state = reduced.state;
    for (const finding of reduced.findings) found.push({ s, finding });
  }
  return { found, ids: [...new Set(found.map(({ finding }) => finding.finding_id))], state };
}

const swinging: Rate = (s) => 1 + 0.3 * Math.sin((2 * Math.PI * s) / DAY);

describe("workRate", () => {
  it.each<[string, Rate]>([
    ["hash rate that wanders", () => 1],
    ["day and night", swinging],
    ["weekends at 0.7", (s) => (Math.floor(s / DAY) % 7 >= 5 ? 0.7 : 1)],
    ["a rate that doubles within a week", (s) => 1 + Math.min(1, s / (7 * DAY))],
  ])("takes %s for ordinary", (_, rate) => {
    expect(watched(30, rate).ids).toEqual([]);
  });

  it.each<[factor: number, hours: number, chain: string, before: Rate, byDifficulty: boolean]>([
    [3, 2, "that swings by day and night", swinging, false],
    [3, 2, "that swings by day and night", swinging, true],
    [0.5, 2, "that wanders", () => 1, false],
    [0.5, 2, "that wanders", () => 1, true],
    // 0.5 is not much less than a night of 0.7.
    [0.5, 5, "that swings by day and night", swinging, false],
  ])("finds × %d within %d hours on a rate %s", (factor, hours, _, before, byDifficulty) => {
    for (let seed = 1; seed <= 10; seed++) {
      const onset = 6 * DAY + seed * 5_000;
      const rate: Rate = (s) => before(s) * (s < onset ? 1 : factor);
      const { found } = watched(7.5, rate, { seed, byDifficulty });
      expect(found[0]?.s ?? Infinity).toBeGreaterThanOrEqual(onset);
      expect(found[0]?.s ?? Infinity).toBeLessThanOrEqual(onset + hours * HOUR);
      expect(found.every(({ finding }) => finding.severity <= 0.59)).toBe(true);
      expect(found[0]?.finding.finding_id).toMatch(/^work_rate:\d+$/);
    }
  });

  it("takes weekends at half the rate for ordinary from the second on, and finds × 3 in one", () => {
    const weekends: Rate = (s) => (Math.floor((START_S + s) / DAY) % 7 >= 5 ? 0.5 : 1);
    const weeksOf = (seed: number, rate: Rate) =>
      watched(35, rate, { seed }).found.map(({ s }) => s / (7 * DAY));
    // The first weekend is over before the second week is.
    for (const seed of [1, 2]) {
      expect(weeksOf(seed, weekends).filter((week) => week >= 2)).toEqual([]);
      const onset = [28.1, 29.6, 30.7, 31.5, 32.4, 33.3][2 * seed]! * DAY;
      const found = weeksOf(seed, (s) => weekends(s) * (s < onset ? 1 : 3));
      const first = Math.min(...found.filter((week) => week >= 2)) * 7 * DAY;
      expect(first).toBeGreaterThanOrEqual(onset);
      expect(first).toBeLessThanOrEqual(onset + 2 * HOUR);
    }
  });

  it("reads what an earlier version stored, which knew no days of the week", () => {
    const { state } = watched(3, () => 1);
    const { days, today, ...usual } = state.usual;
    expect(days.length + today.samples).toBeGreaterThan(7);
    const read = workRate.upgrade!({ ...state, usual });
    expect(workRate.stateSchema.parse(read)).toMatchObject({ window: state.window, usual });
    expect(workRate.upgrade!({ ...state, usual: 1 })).toBeUndefined();
  });

  it("finds it on a chain whose work it measures over 60 blocks", () => {
    const onset = 6 * DAY;
    const { found } = watched(7, (s) => (s < onset ? 1 : 3), { chain: litecoin });
    expect(found[0]?.s).toBeGreaterThanOrEqual(onset);
    expect(found[0]?.s).toBeLessThanOrEqual(onset + 3 * HOUR);
  });

  it("keeps to one kind of evidence until it has been missing for a day", () => {
    const { state } = watched(3, () => 1);
    const at = (hours: number) =>
      timed(
        observation([], {
          tip: header(99_999, { time_s: START_S + 3 * DAY + hours * HOUR }),
          at_ms: (START_S + 3 * DAY + hours * HOUR) * 1_000,
          difficulties: { scrypt: 5 },
        }),
      );
    expect(workRate.reduce(state, at(1), digibyte).state).toEqual(state);
    expect(workRate.reduce(state, at(25), digibyte).state.window.kind).toBe("difficulties");
  });

  it("runs where an observation carries its evidence", () => {
    const none = observation([header(1)]);
    expect(workRate.hasEvidence!(none)).toBe(false);
    expect(workRate.hasEvidence!({ ...none, chainwork: "0".repeat(64) })).toBe(true);
  });
});
