import { describe, expect, it } from "vitest";
import { bitcoin, digibyte, digibyteRegtest } from "@dgb-shield/chain";
import { algoShare } from "../../src/index.js";
import { header, observation, randomNumbers, run, timed } from "../support/chain.js";

const FROM = 23_800_000;
const BITS = [0, 2, 6, 8, 14];
const versionOf = (bits: number) => 0x20000002 | (bits << 8);

/** Blocks whose algorithm is drawn: `bits` with the given share, the others equally. */
function drawn(count: number, seed: number, [bits, share]: [number, number] = [0, 0.2]) {
  const random = randomNumbers(seed);
  const others = BITS.filter((one) => one !== bits);
  return Array.from({ length: count }, (_, i) => {
    const pick = random() < share ? bits : others[Math.floor(random() * others.length)]!;
    return header(FROM + i, { version: versionOf(pick) });
  });
}
const inSteps = (blocks: ReturnType<typeof drawn>, step = 1) =>
  Array.from({ length: Math.ceil(blocks.length / step) }, (_, i) =>
    observation(blocks.slice(i * step, (i + 1) * step)),
  );
const firstFinding = (found: ReturnType<typeof run>) => {
  const at = found.findIndex((findings) => findings.length > 0);
  return { at, finding: found[at]?.[0] };
};

describe("algoShare", () => {
  it("raises no more than one false alarm a year on independent blocks", () => {
    const found = run(algoShare, inSteps(drawn(500_000, 1), 1_000), digibyte);
    expect(new Set(found.flat().map(({ finding_id }) => finding_id)).size).toBeLessThanOrEqual(1);
  });

  it.each([
    ["twice its share", "qubit:high", [8, 0.4], 300],
    ["nearly all blocks", "scrypt:flood", [0, 0.95], 30],
    ["no block at all", "odo:low", [14, 0], 150],
  ] as const)("finds %s", (_, id, shift, most) => {
    const { at, finding } = firstFinding(
      run(algoShare, inSteps(drawn(2_000, 5, [...shift])), digibyte),
    );
    expect(finding?.finding_id).toBe(`algo_share:${id}:${FROM + at}`);
    expect(at).toBeLessThan(most);
    expect(finding?.severity).toBeGreaterThanOrEqual(0.25);
    expect(finding?.evidence["expected_share"]).toBe(0.2);
  });

  it("gives the same for blocks that come one by one and together", () => {
    const blocks = drawn(600, 5, [8, 0.5]);
    const last = (step: number) => run(algoShare, inSteps(blocks, step), digibyte).at(-1);
    expect(last(600)).toEqual(last(1));
  });

  it("counts a tip that is seen again once", () => {
    const [tip] = drawn(1, 1);
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

  describe("on difficulties", () => {
    const DIFFICULTIES = { scrypt: 1_000, sha256d: 50, skein: 7, qubit: 30, odo: 4 };
    const wobble = (i: number) => 1 + 0.1 * Math.sin(i);
    const observations = (jump: number) =>
      drawn(300, 3).map((tip, i) => {
        const skein = DIFFICULTIES.skein * wobble(i) * (i < 299 ? 1 : jump);
        return observation([tip], { difficulties: { ...DIFFICULTIES, skein } });
      });

    // 10·10·2,103,840·½·exp(−z²/2) a year is 1 at z = √(2·ln 105,192,000) = 6.08, which is
    // ln(jump) = 6.08·0.28·√(π/2) = 2.13: × 8.4
    it.each([2, 1 / 2, 8])("takes a change of × %d for nothing", (jump) => {
      expect(run(algoShare, observations(jump), digibyte).flat()).toEqual([]);
    });

    it.each([9, 1 / 9, 1e-6])("finds a jump of × %d at once", (jump) => {
      const [finding] = run(algoShare, observations(jump), digibyte).at(-1)!;
      expect(finding?.finding_id).toBe(`algo_share:difficulty:${FROM + 299}`);
      expect(finding?.evidence["algorithm"]).toBe("skein");
      expect(finding?.severity).toBeLessThanOrEqual(0.59);
    });
  });

  it("does not run where shares are unknown", () => {
    const runs = [digibyte, digibyteRegtest, bitcoin].map((chain) => algoShare.appliesTo!(chain));
    expect(runs).toEqual([true, false, false]);
  });
});
