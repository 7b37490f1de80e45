import { describe, expect, it } from "vitest";
import { bitcoin, digibyte, digibyteRegtest } from "@dgb-shield/chain";
import { runs } from "@dgb-shield/testkit/runs";
import { algoShare, type BlockHeader } from "../../src/index.js";
import {
  acceptBlock,
  commonStep,
  nextDifficulty,
  usualDifficulties,
} from "../../src/detectors/multishield.js";
import { header, observation, randomNumbers, run, START_S, timed } from "../support/chain.js";

const FROM = 23_800_000;
const BITS = [0, 2, 6, 8, 14];
const versionOf = (bits: number) => 0x20000002 | (bits << 8);

type Rates = (i: number, timeS: number) => Readonly<Record<number, number>>;

/** Blocks of a chain with MultiShield: algorithms of such hash rates, 1 being usual, race at its difficulties. */
function mined(count: number, seed: number, rates: Rates = () => ({}), startS = START_S) {
  const random = randomNumbers(seed);
  const difficulties = usualDifficulties(BITS.length);
  let nowS = startS;
  return Array.from({ length: count }, (_, i) => {
    const common = commonStep(difficulties, 15);
    const now = rates(i, nowS);
    const speeds = BITS.map(
      (bits, a) => (now[bits] ?? 1) / (75 * Math.exp(nextDifficulty(difficulties, a, common))),
    );
    const total = speeds.reduce((sum, speed) => sum + speed, 0);
    nowS += -Math.log(random()) / total;
    let left = random() * total;
    const hit = Math.max(
      0,
      speeds.findIndex((speed) => (left -= speed) < 0),
    );
    const time_s = Math.floor(nowS);
    acceptBlock(difficulties, { hit, time_s, common });
    return header(FROM + i, { version: versionOf(BITS[hit]!), time_s });
  });
}
const after = (onset: number, rates: Readonly<Record<number, number>>): Rates => {
  return (i) => (i < onset ? {} : rates);
};
const inSteps = (blocks: BlockHeader[], step = 1) =>
  Array.from({ length: Math.ceil(blocks.length / step) }, (_, i) =>
    observation(blocks.slice(i * step, (i + 1) * step)),
  );
const firstFinding = (found: ReturnType<typeof run>) => {
  const at = found.findIndex((findings) => findings.length > 0);
  return { at, finding: found[at]?.[0] };
};

describe("algoShare", () => {
  it.each([
    ["that is steady", () => ({})],
    ["of visits × 10, three hours of each day", (_, s) => ({ 2: s % 28_800 < 3_600 ? 10 : 1 })],
    ["that hops, × 5", (_, s) => ({ [BITS[Math.floor(s / 5_400) % 5]!]: 5 })],
    ["whose Odocrypt miners need an hour", (_, s) => ({ 14: s % 864_000 < 3_600 ? 1e-9 : 1 })],
  ] satisfies [string, Rates][])("raises nothing on a chain %s", (_, rates) => {
    const found = run(algoShare, inSteps(mined(runs(25_000, 100_000), 1, rates), 1_000), digibyte);
    expect([...new Set(found.flat().map(({ finding_id }) => finding_id))]).toEqual([]);
  });

  it.each([
    ["twenty times an algorithm's hash rate", "scrypt:high", { 0: 20 }, 150],
    ["a hundred times", "scrypt:flood", { 0: 100 }, 60],
    ["an algorithm that is mined no longer", "odo:low", { 14: 1e-9 }, 80],
  ] as const)("finds %s", (_, id, rates, most) => {
    const blocks = mined(2_000, 5, after(1_000, rates));
    const found = run(algoShare, inSteps(blocks), digibyte);
    const { at } = firstFinding(found);
    expect(at).toBeGreaterThan(1_000);
    expect(at).toBeLessThan(1_000 + most);
    const ids = found.flat().map(({ finding_id }) => finding_id.split(":").slice(1, 3).join(":"));
    expect(ids).toContain(id);
  });

  it("is never more than elevated over hash rate that can be rented", () => {
    const found = run(algoShare, inSteps(mined(2_000, 5, after(1_000, { 0: 1_000 }))), digibyte);
    const severities = found.flat().map(({ severity }) => severity);
    expect(Math.max(...severities)).toBe(0.59);
    const lost = run(algoShare, inSteps(mined(2_000, 5, after(1_000, { 0: 0 }))), digibyte);
    expect(Math.max(...lost.flat().map(({ severity }) => severity))).toBe(0.99);
  });

  it("finds Odocrypt's miners missing when they ought to have followed", () => {
    const start = 2_000 * 864_000 - 15 * 1_000;
    const gone: Rates = (_, s) => ({ 14: s >= 2_000 * 864_000 ? 1e-9 : 1 });
    const blocks = mined(1_800, 4, gone, start);
    const { at, finding } = firstFinding(run(algoShare, inSteps(blocks), digibyte));
    expect(blocks[at]!.time_s % 864_000).toBeGreaterThanOrEqual(4_200);
    expect(blocks[at]!.time_s % 864_000).toBeLessThan(4_800);
    expect(finding?.finding_id).toContain("algo_share:odo:low");
  });

  it("still has a visit six hours later, and drops it in months", () => {
    const visits: Rates = (i) => ({
      0: [3_000, 8_000, 13_000].some((v) => i >= v && i < v + 240) ? 30 : 1,
    });
    const found = run(algoShare, inSteps(mined(16_000, 6, visits)), digibyte);
    const raised = new Set(found.flat().map(({ finding_id }) => Number(finding_id.split(":")[3])));
    expect([...raised].every((height) => height < FROM + 3_240)).toBe(true);
    expect(raised.size).toBeGreaterThan(0);
  });

  it("gives the same for blocks that come one by one and together", () => {
    const blocks = mined(600, 5, after(200, { 8: 100 }));
    const last = (step: number) => run(algoShare, inSteps(blocks, step), digibyte).at(-1);
    expect(last(600)).toEqual(last(1));
  });

  it("counts a tip that is seen again once", () => {
    const [tip] = mined(1, 1);
    const once = algoShare.reduce(algoShare.initial(), timed(observation([tip!])), digibyte).state;
    expect(algoShare.reduce(once, timed(observation([], { tip: tip! })), digibyte).state).toEqual(
      once,
    );
  });

  it("begins anew where the active algorithms change", () => {
    const at = (height: number, bits: number) => header(height, { version: versionOf(bits) });
    const before = Array.from({ length: 400 }, (_, i) => at(9_112_320 - 400 + i, 4));
    const found = run(algoShare, [observation(before), observation([at(9_112_320, 14)])], digibyte);
    expect(
      found[0]?.map(({ finding_id }) => finding_id.split(":", 3).slice(1).join(":")),
    ).toContain("groestl:flood");
    expect(found[1]).toEqual([]);
  });

  describe("with the node's difficulties", () => {
    const NAMES = ["scrypt", "sha256d", "skein", "qubit", "odo"];
    const given = (factor: number) => ({
      difficulties: Object.fromEntries(NAMES.map((name, i) => [name, i === 2 ? factor : 1])),
    });

    it("takes them for right: an algorithm that has become easy is expected to find blocks", () => {
      const flood = mined(40, 1).map((one, i) =>
        header(FROM + i, { ...one, version: versionOf(6) }),
      );
      const floodAfter = (factor: number) =>
        run(
          algoShare,
          [
            observation([header(FROM - 2)], given(1)),
            observation([header(FROM - 1)], given(factor)),
            ...flood.map((block, i) => observation([block], given(factor * 1.17 ** (i + 1)))),
          ],
          digibyte,
        ).flat();
      expect(floodAfter(1).length).toBeGreaterThan(0);
      expect(floodAfter(1e-3)).toEqual([]);
    });

    it("goes on by the headers where they are missing, or of other names", () => {
      const blocks = mined(60, 2);
      const plain = run(algoShare, inSteps(blocks), digibyte);
      const odd = blocks.map((block) => observation([block], { difficulties: { sha512: 1 } }));
      expect(run(algoShare, odd, digibyte)).toEqual(plain);
    });
  });

  it("reads the state that an earlier version stored, and holds what it held", () => {
    const algorithms = ["scrypt", "sha256d", "skein", "qubit", "odo"];
    const stored = {
      last_hash: null,
      algorithms,
      shares: algorithms.map(() => 0.2),
      statistics: algorithms.flatMap(() => [0, 1e12, 0]),
      raised_at: algorithms.flatMap(() => [null, 7, null]),
      jumps: { algorithms: [], raised_at: null },
    };
    const state = algoShare.upgrade!(stored)!;
    expect(algoShare.stateSchema.safeParse(state).success).toBe(true);
    const seen = timed(observation([header(FROM)]));
    expect(algoShare.reduce(state, seen, digibyte).findings).toHaveLength(5);
    expect(algoShare.upgrade!(state)).toBeUndefined();
  });

  it("keeps a small state", () => {
    const { state } = algoShare.reduce(
      algoShare.initial(),
      timed(observation(mined(500, 3))),
      digibyte,
    );
    expect(JSON.stringify(state).length).toBeLessThan(4_000);
    expect(algoShare.stateSchema.safeParse(JSON.parse(JSON.stringify(state))).success).toBe(true);
  });

  it("does not run where shares are unknown", () => {
    const runs = [digibyte, digibyteRegtest, bitcoin].map((chain) => algoShare.appliesTo!(chain));
    expect(runs).toEqual([true, false, false]);
  });
});
