import { describe, expect, it } from "vitest";
import { blockCadence, digibyteRegtest } from "../../src/index.js";
import { averageRunLength, logLikelihoodRatio, thresholdOf } from "../../src/internal/cusum.js";
import { hashOf, header, observation, randomNumbers, run, START_S } from "../helpers.js";

const FAST = { name: "fast", ratio: 5 / 6 } as const;
const SLOW = { name: "slow", ratio: 6 / 5 } as const;

/** Feeds blocks at exponential spacings to the detector; counts findings that open. */
function simulate(meanSeconds: number, blocks: number, seed: number) {
  const random = randomNumbers(seed);
  let state = blockCadence.initial();
  let time = START_S;
  const raised: { id: string; height: number }[] = [];
  for (let height = 1; height <= blocks; height++) {
    time += -meanSeconds * Math.log(random());
    const tip = header(height, { time_s: Math.round(time) });
    const reduced = blockCadence.reduce(state, observation([tip]), digibyteRegtest);
    state = reduced.state;
    for (const { finding_id } of reduced.findings) {
      if (!raised.some(({ id }) => id === finding_id)) raised.push({ id: finding_id, height });
    }
  }
  return raised;
}

/** Blocks until a sum of honest spacings reaches a threshold, begun anew each time; the mean of them. */
function meanRunLength(shift: typeof FAST | typeof SLOW, threshold: number, blocks: number) {
  const random = randomNumbers(7);
  let sum = 0;
  let alarms = 0;
  for (let i = 0; i < blocks; i++) {
    sum = Math.max(0, sum + logLikelihoodRatio(shift, 1, -Math.log(random())));
    if (sum < threshold) continue;
    alarms++;
    sum = 0;
  }
  return blocks / alarms;
}

describe("averageRunLength", () => {
  // Wald's approximation leaves out the overshoot, so true runs are longer, but not by much.
  it.each([
    [FAST, 3],
    [FAST, 5],
    [SLOW, 3],
    [SLOW, 5],
  ])("never promises more than honest spacings keep: $0.name at %d nats", (shift, threshold) => {
    const stated = averageRunLength(shift, threshold);
    const measured = meanRunLength(shift, threshold, 2_000_000);
    expect(measured).toBeGreaterThan(stated);
    expect(measured).toBeLessThan(2 * stated);
  });

  it("is undone by thresholdOf", () => {
    expect(averageRunLength(FAST, thresholdOf(FAST, 1e9)) / 1e9).toBeCloseTo(1, 4);
  });
});

describe("blockCadence", () => {
  it("raises no more than one false alarm a year on honest blocks", () => {
    const YEARS = 1;
    expect(simulate(15, YEARS * 2_103_840, 1).length).toBeLessThanOrEqual(YEARS);
  });

  it("finds blocks every 12.5 s after some 640 blocks, in the median", () => {
    const delays = Array.from({ length: 41 }, (_, i) => simulate(12.5, 3_000, 100 + i)[0])
      .map((found) => found?.height ?? Infinity)
      .sort((a, b) => a - b);
    // 11.2 nats at ln(1.2) − 0.2/1.2 = 0.01565 a block: 717 on average; the median is lower.
    expect(delays[20]).toBeGreaterThan(500);
    expect(delays[20]).toBeLessThan(900);
    expect(delays.at(-1)).toBeLessThan(3_000);
  });

  it("finds blocks every 18 s, as slow", () => {
    expect(simulate(18, 3_000, 3)[0]?.id).toMatch(/^block_cadence:slow:\d+$/);
  });

  it("takes n blocks seen at once for n, whatever their number", () => {
    const first = header(1);
    // 2,000 · ln(1.2) − (25,000/15) · 0.2 = 31.3 nats: above the highest sum
    const tip = header(2_001, { time_s: first.time_s + 25_000 });
    const [finding] = run(blockCadence, [observation([first]), observation([tip])])[1]!;
    expect(finding).toMatchObject({ finding_id: "block_cadence:fast:2001", severity: 0.99 });
    expect(finding?.evidence).toMatchObject({ mean_spacing_seconds: 12.5, blocks: 2_000 });
  });

  it("is not moved by one stall, nor by one clock that is hours off", () => {
    const at = (height: number, seconds: number) =>
      observation([header(height, { time_s: START_S + seconds })]);
    const found = run(blockCadence, [
      at(1, 0),
      at(2, 86_400),
      at(3, 86_415),
      at(4, 0),
      at(5, 86_430),
    ]);
    expect(found.flat()).toEqual([]);
  });

  it("measures no spacing across a reorganisation", () => {
    const state = blockCadence.reduce(
      blockCadence.initial(),
      observation([header(10)]),
      digibyteRegtest,
    ).state;
    const other = header(11, { previous_hash: hashOf(10, "b"), time_s: START_S });
    const after = blockCadence.reduce(state, observation([other]), digibyteRegtest).state;
    expect(after).toEqual({ ...state, last: { hash: other.hash, height: 11, time_s: START_S } });
  });

  it("ends the finding when honest spacing has worn the sum down", () => {
    const fast = Array.from({ length: 1_500 }, (_, i) =>
      header(i + 1, { time_s: START_S + i * 12 }),
    );
    const end = fast.at(-1)!.time_s;
    const honest = Array.from({ length: 1_500 }, (_, i) =>
      header(1_501 + i, { time_s: end + (i + 1) * 15 }),
    );
    const found = run(blockCadence, [observation(fast), observation(honest)]);
    expect(found.map((findings) => findings.length)).toEqual([1, 0]);
  });
});
