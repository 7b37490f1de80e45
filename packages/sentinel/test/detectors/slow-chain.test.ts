import { describe, expect, it } from "vitest";
import { bitcoin, digibyte, litecoin } from "@dgb-shield/chain";
import { type DetectorFinding, slowChain } from "../../src/index.js";
import { header, observation, randomNumbers, START_S, timed } from "../support/chain.js";

const MINUTE = 60;

/** Polls each minute of blocks that come at these times, in seconds; the worst severity at each poll. */
function watched(
  arrivals: readonly number[],
  untilS: number,
  isAway: (s: number) => boolean = () => false,
) {
  let state = slowChain.initial();
  let next = 0;
  let worst = 0;
  let last: DetectorFinding | undefined;
  for (let s = 0; s <= untilS; s += MINUTE) {
    const at_ms = (START_S + s) * 1_000;
    const from = next;
    while (next < arrivals.length && (arrivals[next] ?? 0) <= s) next++;
    const fresh = arrivals
      .slice(from, next)
      .map((at, i) => header(from + i + 1, { time_s: START_S + Math.floor(at) }));
    const tip = fresh.at(-1) ?? header(Math.max(1, next), { time_s: START_S });
    const one = timed(observation(fresh, { tip, at_ms }));
    if (isAway(s)) {
      next = from;
      state = slowChain.reduceUnwatched!(state, { ...one, reachable: false }, litecoin).state;
      continue;
    }
    const reduced = slowChain.reduce(state, one, litecoin);
    state = reduced.state;
    last = reduced.findings[0] ?? last;
    worst = Math.max(worst, reduced.findings[0]?.severity ?? 0);
  }
  return { worst, last, state };
}

/** Exponential gaps of so many seconds until a time. */
function exponential(mean: number, fromS: number, untilS: number, random: () => number): number[] {
  const times: number[] = [];
  for (let at = fromS; ;) {
    at += -mean * Math.log(random());
    if (at > untilS) return times;
    times.push(at);
  }
}

const DAY = 86_400;

describe("slowChain", () => {
  it("runs where difficulty follows late alone", () => {
    const chains = [litecoin, bitcoin, digibyte];
    expect(chains.map((chain) => slowChain.appliesTo!(chain))).toEqual([true, true, false]);
  });

  it("is critical before 14 blocks in 3 hours and 10 minutes are over, as on Litecoin in April 2026", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = randomNumbers(seed);
      const before = exponential(150, 0, DAY, random);
      const slow = Array.from({ length: 14 }, () => DAY + random() * 11_400).sort((a, b) => a - b);
      const { worst, last } = watched([...before, ...slow], DAY + 11_400);
      expect(worst).toBeGreaterThanOrEqual(0.9);
      expect(last?.finding_id).toMatch(/^slow_chain:\d+$/);
    }
  });

  it("raises nothing high in half an honest year, and no more than one finding", () => {
    let found = 0;
    for (const seed of [1, 2]) {
      const { worst } = watched(exponential(150, 0, 90 * DAY, randomNumbers(seed)), 90 * DAY);
      if (worst > 0) found++;
      expect(worst).toBeLessThan(0.6);
    }
    expect(found).toBeLessThanOrEqual(1);
  });

  it("leaves out the time in which the node was away", () => {
    const before = exponential(150, 0, DAY, randomNumbers(3));
    const gone = DAY + 6 * 3_600;
    const after = exponential(150, DAY, gone + 7_200, randomNumbers(4));
    const { worst } = watched([...before, ...after], gone + 7_200, (s) => s > DAY && s < gone);
    expect(worst).toBe(0);
  });

  it("does not judge a node that catches up", () => {
    const { state } = watched(exponential(150, 0, DAY, randomNumbers(5)), DAY);
    const tip = header(10_000, { time_s: START_S });
    const late = { tip, at_ms: (START_S + 2 * DAY) * 1_000, best_header_height: 10_500 };
    expect(slowChain.reduce(state, timed(observation([], late)), litecoin).findings).toEqual([]);
  });

  it("is not high by one stall alone", () => {
    const before = exponential(150, 0, DAY, randomNumbers(6));
    expect(watched(before, DAY + 8 * 3_600).worst).toBeLessThan(0.6);
  });
});
