import { describe, expect, it } from "vitest";
import { digibyte } from "@dgb-shield/chain";
import { observationSchema } from "@dgb-shield/sentinel";
import type { ChainEvent } from "../../src/simulation/events.js";
import { deepReorganisation } from "../../src/simulation/deep-reorganisation.js";
import { honestChain } from "../../src/simulation/honest-chain.js";
import type { MiningOptions } from "../../src/simulation/mining.js";
import { createRandom } from "../../src/simulation/random.js";
import { honestDigibyte, SIMULATED_ATTACKS } from "../../src/simulation/scenarios.js";
import { selfishMining } from "../../src/simulation/selfish-mining.js";

const START_HEIGHT = 23_700_000;

const options = (seed: number, fields: Partial<MiningOptions> = {}): MiningOptions => ({
  chain: digibyte,
  random: createRandom(seed),
  startMs: 1_767_225_600_000,
  startHeight: START_HEIGHT,
  ...fields,
});

function take<T>(items: Generator<T>, count: number): T[] {
  return Array.from({ length: count }, () => items.next().value as T);
}

/** The active chain after some events, by height; throws where a block does not stand on it. */
function activeChain(events: readonly ChainEvent[]): Map<number, ChainEvent["blocks"][number]> {
  const chain = new Map<number, ChainEvent["blocks"][number]>();
  for (const block of events.flatMap(({ blocks }) => blocks)) {
    const below = chain.get(block.height - 1);
    if (below !== undefined) expect(block.previous_hash).toBe(below.hash);
    chain.set(block.height, block);
  }
  return chain;
}

const meanSpacing = (events: readonly ChainEvent[]): number =>
  (events.at(-1)!.atMs - events[0]!.atMs) / 1_000 / (events.length - 1);

describe("every simulation", () => {
  it.each([honestDigibyte, ...SIMULATED_ATTACKS].map((one) => [one.name, one] as const))(
    "%s: one seed, one chain; another, another; all observations sound, in order",
    (_, scenario) => {
      const run = (seed: number) => [...scenario.observations(seed, 700)];
      const observed = run(5);
      expect(JSON.stringify(run(5))).toBe(JSON.stringify(observed));
      expect(JSON.stringify(run(6))).not.toBe(JSON.stringify(observed));
      for (const { observation } of observed) {
        expect(observationSchema.safeParse(observation).success).toBe(true);
      }
      const times = observed.map(({ observation }) => observation.at_ms);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    },
  );

  it.each(SIMULATED_ATTACKS.map((one) => [one.name, one] as const))(
    "%s: honest first, then attacked, and never honest again",
    (_, scenario) => {
      const labels = [...scenario.observations(1)].map(({ label }) => label);
      const onset = labels.indexOf("attack");
      expect(onset).toBeGreaterThan(300);
      expect(labels.slice(onset).every((label) => label === "attack")).toBe(true);
      expect(labels.slice(0, onset).every((label) => label === "honest")).toBe(true);
    },
  );

  it("polls once a minute while no block comes", () => {
    const observed = [...honestDigibyte.observations(2)].map(({ observation }) => observation);
    const gaps = observed.slice(1).map(({ at_ms }, i) => at_ms - observed[i]!.at_ms);
    expect(Math.max(...gaps)).toBe(60_000);
    const quiet = observed.slice(1).filter(({ blocks }) => blocks.length === 0);
    expect(quiet.length).toBeGreaterThan(20);
    expect(quiet.every(({ mempool }) => mempool !== null)).toBe(true);
  });
});

describe("honestChain", () => {
  const events = take(honestChain(options(1)), 40_000);
  const chain = activeChain(events);

  it("keeps the spacing of 15 s within 1 %", () => {
    expect(Math.abs(meanSpacing(events) / 15 - 1)).toBeLessThan(0.01);
  });

  it("gives each algorithm a fifth of the blocks within 2 %", () => {
    const blocks = [...chain.values()];
    for (const bits of [0, 2, 6, 8, 14]) {
      const share = blocks.filter(({ version }) => (version & 0xf00) >> 8 === bits).length;
      expect(Math.abs((share / blocks.length) * 5 - 1)).toBeLessThan(0.02);
    }
  });

  it("has side branches at the stale rate, half of them once active", () => {
    // 40,000 · 0.0070747 = 283, standard deviation 16.8; the test allows four of them.
    const sides = events.flatMap(({ side }) => side ?? []);
    expect(Math.abs(sides.length - 283)).toBeLessThan(68);
    const followed = sides.filter(({ status }) => status === "valid-fork").length;
    expect(Math.abs(followed - sides.length / 2)).toBeLessThan(34);
  });

  it("has header times above the median of the eleven before", () => {
    const times = [...chain.values()].map(({ time_s }) => time_s);
    const broken = times.filter((time, i) => {
      if (i < 11) return false;
      return time <= times.slice(i - 11, i).toSorted((a, b) => a - b)[5]!;
    });
    expect(broken).toEqual([]);
  });

  it("comes to the incident's pace with a sixth algorithm: 12.5 s and a sixth of the blocks", () => {
    const attackFrom = START_HEIGHT + 1_000;
    const all = take(honestChain({ ...options(1), attackFrom, admitted: 4 }), 20_000);
    const settled = all.slice(2_000);
    const groestl = settled.filter(({ blocks }) => (blocks.at(-1)!.version & 0xf00) >> 8 === 4);
    // 15 · 5/6 = 12.5: the incident's reports give "about 12.5 s" and 15.5 % of the blocks.
    expect(meanSpacing(settled)).toBeGreaterThan(12.3);
    expect(meanSpacing(settled)).toBeLessThan(12.8);
    expect(groestl.length / settled.length).toBeGreaterThan(0.155);
    expect(groestl.length / settled.length).toBeLessThan(0.18);
  });
});

describe("selfishMining", () => {
  /**
   * Share of the main chain's blocks that stand on the pool's branches, after Eyal and Sirer (2014): the
   * pool's revenue (equation 8), and what others find on its branch while two of one length compete.
   */
  function branchShare(a: number, g: number): number {
    const revenue =
      (a * (1 - a) ** 2 * (4 * a + g * (1 - 2 * a)) - a ** 3) / (1 - a * (1 + (2 - a) * a));
    const idle = (a - 2 * a ** 2) / (a * (2 * a ** 3 - 4 * a ** 2 + 1));
    const tie = ((1 - a) * (a - 2 * a ** 2)) / (1 - 4 * a ** 2 + 2 * a ** 3);
    const others = tie * (1 - a) * (g + 2 * (1 - g)) + idle * (1 - a);
    return revenue + (tie * g * (1 - a) * (1 - revenue)) / others;
  }

  it.each([
    [0.25, 0],
    [0.33, 0.5],
    [0.4, 0.5],
    [0.45, 1],
  ])("gives a pool of %d with gamma %d what the published formula gives it", (poolShare, gamma) => {
    const chainOfOne = { ...digibyte, algorithms: [] };
    const mined = selfishMining({
      ...options(1, { chain: chainOfOne }),
      poolShare,
      gamma,
      attackFrom: 0,
    });
    const chain = [...activeChain(take(mined, 60_000)).values()];
    // A race numbers its honest branch odd and the pool's even.
    const pools = chain.filter(({ hash }) => Number.parseInt(hash.slice(-16, -8), 16) % 2 === 0);
    expect(Math.abs(pools.length / chain.length - branchShare(poolShare, gamma))).toBeLessThan(
      0.012,
    );
  });

  it("is an honest chain without forks before it begins", () => {
    const attackFrom = START_HEIGHT + 500;
    const mining = { ...options(3), poolShare: 0.4, gamma: 0.5, attackFrom };
    const before = take(selfishMining(mining), 499);
    expect(before.every(({ side, blocks }) => side === undefined && blocks.length === 1)).toBe(
      true,
    );
  });
});

describe("deepReorganisation", () => {
  it.each([
    [307, 310],
    [603, 553],
    [14, 13],
    [4, 5],
  ])("replaces %d blocks by %d, all at once", (replaced, replacing) => {
    const course = deepReorganisation({ ...options(4), before: 50, replaced, replacing });
    const events = take(course, 50 + replaced + 1 + 20);
    const takeover = events[50 + replaced]!;
    expect(takeover.label).toBe("attack");
    expect(takeover.blocks).toHaveLength(replacing);
    expect(takeover.side).toMatchObject({ branchlen: replaced, status: "valid-fork" });
    expect(takeover.blocks[0]!.previous_hash).toBe(events[49]!.blocks[0]!.hash);
    expect(takeover.side?.hash).toBe(events[49 + replaced]!.blocks[0]!.hash);
    const tip = events.at(-1)!.blocks[0]!;
    expect(tip.height).toBe(START_HEIGHT + 50 + replacing + 20);
  });
});
