import { describe, expect, it } from "vitest";
import { type Observation, observationSchema } from "@dgb-shield/sentinel";
import { HONEST_KINDS } from "../../src/simulation/live/honest-kinds.js";
import { LIVE_ATTACKS } from "../../src/simulation/live/live-attacks.js";
import { liveObservations } from "../../src/simulation/live/live-scenario.js";
import { conditionsOf, SEED_SETS } from "../../src/simulation/live/sets.js";

const conditions = (name: string) => HONEST_KINDS.find((one) => one.name === name)!.conditions;

const observed = (name: string, blocks: number, seed = 1): Observation[] =>
  [...liveObservations(conditions(name), { seed, blocks })].map(({ observation }) => observation);

/** Headers that lasted, by height; throws where a block does not stand on the one below. */
function chainOf(observations: readonly Observation[]) {
  const chain = new Map<number, Observation["blocks"][number]>();
  for (const block of observations.flatMap(({ blocks }) => blocks)) {
    const below = chain.get(block.height - 1);
    if (below !== undefined) expect(block.previous_hash).toBe(below.hash);
    chain.set(block.height, block);
  }
  return [...chain.values()];
}

describe("every live chain", () => {
  it.each(HONEST_KINDS.map((one) => [one.name, one] as const))(
    "%s: one seed, one chain; observations sound, in order, in both sets",
    (_, kind) => {
      const run = (seed: number) => [...liveObservations(kind.conditions, { seed, blocks: 60 })];
      expect(JSON.stringify(run(5))).toBe(JSON.stringify(run(5)));
      expect(JSON.stringify(run(6))).not.toBe(JSON.stringify(run(5)));
      const other = conditionsOf(kind.conditions, SEED_SETS.report);
      for (const one of [...run(5), ...liveObservations(other, { seed: 5, blocks: 60 })]) {
        expect(observationSchema.safeParse(one.observation).error).toBeUndefined();
      }
      const times = run(5).map(({ observation }) => observation.monotonic_ms!);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    },
  );

  const events = /^(all-x3|pace-12.5-headers-15|selfish-34|reorg|rival|litecoin)/;
  it.each(
    LIVE_ATTACKS.filter(({ name }) => events.test(name)).map((one) => [one.name, one] as const),
  )(
    "%s: honest first, then attacked, and never honest again",
    (_, { conditions: given, before, after, changes, events: course, peersFollow }) => {
      const options = {
        seed: 1,
        blocks: before + Math.min(after, 300),
        changes,
        events: course,
        peersFollow,
      };
      const labels = [...liveObservations(given, options)].map(({ label }) => label);
      const onset = labels.findIndex((label) => label !== "honest");
      expect(onset).toBeGreaterThan(before);
      expect(labels.slice(onset)).not.toContain("honest");
    },
  );
});

describe("the chain", () => {
  const blocks = 12_000;

  it.each([["ordinary"], ["ahead-5"], ["hopping"], ["steps"]])("%s keeps its spacing", (name) => {
    const all = observed(name, blocks);
    const seconds = (all.at(-1)!.at_ms - all[0]!.at_ms) / 1_000;
    expect(Math.abs(seconds / blocks / 15 - 1)).toBeLessThan(0.03);
  });

  it("ahead-5: one header in twenty is 250 to 300 s ahead of its arrival", () => {
    const all = observed("ahead-5", blocks).filter((one) => one.blocks.length === 1);
    const ahead = all.filter(({ tip, at_ms }) => tip!.time_s - at_ms / 1_000 > 200).length;
    expect(Math.abs(ahead / all.length - 0.05)).toBeLessThan(0.01);
  });

  it("delay-5: blocks come five seconds late in the mean", () => {
    // Headers are up to 5 s old, 2.5 s in the mean, and half a second is cut off.
    const all = observed("delay-5", blocks).filter((one) => one.blocks.length === 1);
    const late = all.map(({ tip, at_ms }) => at_ms / 1_000 - tip!.time_s);
    const middle = late.toSorted((a, b) => a - b)[Math.floor(late.length / 2)]!;
    expect(middle).toBeGreaterThan(4);
    expect(middle).toBeLessThan(11);
  });

  it("shape-60: Odocrypt is not mined in the hour after a change, and all else goes on", () => {
    const headers = chainOf(observed("shape-60", 12_500));
    const start = Math.ceil(headers[0]!.time_s / 864_000) * 864_000;
    const within = headers.filter(({ time_s }) => time_s > start + 60 && time_s < start + 3_540);
    expect(within.length).toBeGreaterThan(150);
    expect(within.filter(({ version }) => (version & 0xf00) >> 8 === 14)).toEqual([]);
  });

  it("has work that grows with each block, and a reorganisation where the old tip is lost", () => {
    const all = observed("stale-4", 5_000);
    const works = all.map(({ chainwork }) => chainwork!);
    expect(works).toEqual(works.toSorted());
    const lost = all.filter(({ last_tip }) => last_tip?.status === "lost");
    // 5,000 · 0.04 / 2 = 100, standard deviation 10.
    expect(Math.abs(lost.length - 100)).toBeLessThan(40);
    for (const { last_tip, blocks: fresh, tips } of lost) {
      expect(last_tip!.fork_height).toBe(fresh[0]!.height - 1);
      expect(tips.find(({ hash }) => hash === last_tip!.hash)?.status).toBe("valid-fork");
    }
    chainOf(all);
  });

  it("is asked for its tips each quarter of an hour, and after a reorganisation", () => {
    const all = observed("ordinary", 3_000).filter(({ tips }) => tips.length > 0);
    const quiet = all.filter(({ last_tip }) => last_tip?.status !== "lost");
    const gaps = quiet.slice(1).map(({ at_ms }, i) => (at_ms - quiet[i]!.at_ms) / 1_000);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(900);
  });

  it("litecoin: follows its hash rate at each 2,016 blocks", () => {
    const all = observed("litecoin", 6_500);
    const seconds = (all.at(-1)!.at_ms - all[0]!.at_ms) / 1_000;
    expect(Math.abs(seconds / 6_500 / 150 - 1)).toBeLessThan(0.06);
  });
});

describe("the node", () => {
  it("restarts: is silent, warms up, catches up, and its chain is whole", () => {
    const given = conditions("restarts");
    const restarts = { everyDays: 0.2, downS: 480, warmUpS: 120, longShare: 0 };
    const observing = { ...given.observing, pollMs: 5_000, isLongPoll: false };
    const options = { seed: 3, blocks: 6_000 };
    const all = [...liveObservations({ ...given, restarts, observing }, options)].map(
      ({ observation }) => observation,
    );
    const silent = all.findIndex(({ reachable }) => !reachable);
    expect(silent).toBeGreaterThan(0);
    const warming = all.findIndex(({ warming_up }) => warming_up === true);
    expect(warming).toBeGreaterThan(silent);
    const back = all.findIndex(({ restarted }) => restarted === true);
    expect(back).toBeGreaterThan(warming);
    const down = all.findLastIndex(({ tip }, i) => i < back && tip !== null);
    expect(all[back]!.tip).toEqual(all[down]!.tip);
    expect(all.some(({ mempool }) => mempool?.loaded === false)).toBe(true);
    const behind = all.filter(
      ({ best_header_height, tip }) => (best_header_height ?? 0) > (tip?.height ?? Infinity),
    );
    expect(behind.length).toBeGreaterThan(0);
    const headers = chainOf(all);
    expect(headers).toHaveLength(headers.at(-1)!.height - headers[0]!.height + 1);
    // It does not stay behind: no block for more than half an hour is not seen in any poll that it answers.
    const last = all.findLast(({ tip }) => tip !== null)!;
    expect(last.at_ms / 1_000 - last.tip!.time_s).toBeLessThan(1_800);
  });

  it("restarts: after 26 hours it is in initial block download", () => {
    const restarts = { everyDays: 0.05, downS: 1, warmUpS: 60, longShare: 1 };
    const given = { ...conditions("restarts"), restarts };
    const all = [...liveObservations(given, { seed: 4, blocks: 9_000 })].map(
      ({ observation }) => observation,
    );
    const syncing = all.filter((one) => one.syncing);
    expect(syncing.length).toBeGreaterThan(0);
    expect(syncing[0]!.at_ms / 1_000 - syncing[0]!.tip!.time_s).toBeGreaterThan(86_400);
  });

  it("observer-drift: its clock is taken back by less than five seconds, once a day", () => {
    const all = observed("observer-drift", 20_000);
    const offs = all.map(({ at_ms, monotonic_ms }) => at_ms - monotonic_ms!);
    const steps = offs
      .slice(1)
      .map((off, i) => off - offs[i]!)
      .filter((step) => step < -100);
    expect(steps.length).toBeGreaterThanOrEqual(3);
    expect(Math.min(...steps)).toBeGreaterThan(-5_000);
  });
});
