import { describe, expect, it } from "vitest";
import { digibyte } from "@dgb-shield/chain";
import { type ChainTip, reorg, REORG_HOLD_SPACINGS } from "../../../src/index.js";
import { branchOf, chainTips, hashOf, header, observation, run } from "../../support/chain.js";

const old = branchOf("a", 1, 10);
const side = (height: number, branchlen: number, status: ChainTip["status"]): ChainTip => ({
  hash: hashOf(height),
  height,
  branchlen,
  status,
});
const depthReorg = (depth: number) => [
  observation(old),
  observation(branchOf("b", 11 - depth, 12, "a")),
];

describe("reorg", () => {
  // 2,103,840 · 0.0070747^depth a year: 14,884; 105.3; 0.745; 0.00527; 0.0000373; 2.64e-7
  it.each([
    [1, undefined],
    [2, undefined],
    [3, 0.264918], // log10(1/0.745) = 0.1279; 0.25 + 0.35·0.1279/3
    [4, 0.515785], // 2.2782
    [5, 0.742845], // 4.4285
    [6, 0.957874], // 6.5789
    [7, 0.99],
  ])("rates depth %d at %d", (depth, severity) => {
    expect(run(reorg, depthReorg(depth))[1]?.[0]?.severity).toBe(severity);
  });

  // Published reorganisations; the chains' stale rates are not, so the highest that is still critical
  // at 14 blocks: 52,596·r^14 ≤ 10^−6 a year for r ≤ 0.171.
  it.each([
    ["Vertcoin, 2018", 150, 307, 310],
    ["Vertcoin, 2019", 150, 603, 553],
    ["Bitcoin Gold, 2020", 600, 14, 13],
    ["Bitcoin Gold, 2020", 600, 15, 16],
    ["Bitcoin, 2017 split", 600, 18, 19],
  ])("is critical for %s: a block every %d s, %d replaced by %d", (_, spacing, lost, won) => {
    const chain = {
      name: "calibration",
      spacing_seconds: spacing,
      algorithms: [],
      stale_rate: 0.15,
    };
    const shared = branchOf("a", 1, 10);
    const losing = branchOf("a", 11, 10 + lost);
    const winning = branchOf("b", 11, 10 + won, "a");
    const [finding] = run(
      reorg,
      [observation([...shared, ...losing]), observation(winning)],
      chain,
    )[1]!;
    expect(finding?.severity).toBeGreaterThanOrEqual(0.9);
    // Blocks remembered: at least 353, at most 384.
    expect(finding?.evidence["depth"]).toBeGreaterThanOrEqual(Math.min(lost, won, 353));
  });

  it("rates DigiByte's deepest of June 2026, 4 blocks, as elevated: its makers call it normal", () => {
    expect(run(reorg, depthReorg(4), digibyte)[1]?.[0]?.severity).toBe(0.515785);
  });

  it("finds by linkage the fork, the losing tip and the losing branch", () => {
    const [finding] = run(reorg, depthReorg(3))[1]!;
    expect(finding?.finding_id).toBe(`reorg:7:${hashOf(10).slice(-16)}`);
    expect(finding?.evidence).toMatchObject({
      fork_height: 7,
      depth: 3,
      is_exact: true,
      losing_tip: { hash: hashOf(10), height: 10 },
      losing_hashes: [hashOf(8), hashOf(9), hashOf(10)],
      winning_tip: { hash: hashOf(12, "b"), height: 12 },
    });
  });

  it("finds by getchaintips what no header links, and the branch that grew between two polls", () => {
    const tip = header(20, { hash: hashOf(20, "b"), previous_hash: hashOf(19, "b") });
    const tips = chainTips(tip, side(12, 5, "valid-fork"));
    const first = observation(old, { tips: chainTips(old.at(-1)!) });
    const [finding, ...others] = run(reorg, [first, observation([tip], { tips })])[1]!;
    expect(others).toEqual([]);
    expect(finding?.evidence).toMatchObject({
      fork_height: 7,
      depth: 5,
      losing_tip: { height: 12 },
      losing_hashes: [hashOf(8), hashOf(9), hashOf(10)],
    });
  });

  it("finds one reorganisation once, though both headers and getchaintips show it", () => {
    const [first, second] = depthReorg(3) as [
      ReturnType<typeof observation>,
      ReturnType<typeof observation>,
    ];
    const tips = chainTips(second.tip, side(10, 3, "valid-fork"));
    const again = { ...second, at_ms: second.at_ms + 15_000, blocks: [], tips };
    const found = run(reorg, [
      { ...first, tips: chainTips(first.tip) },
      { ...second, tips },
      again,
    ]);
    expect(found.map((findings) => findings.length)).toEqual([0, 1, 1]);
    expect(found[2]).toEqual(found[1]);
  });

  it.each(["valid-headers", "headers-only", "invalid"] as const)(
    "takes a new side branch that was never active (%s) for none",
    (status) => {
      const tips = chainTips(header(11), side(9, 5, status));
      const first = observation(old, { tips: chainTips(old.at(-1)!) });
      expect(run(reorg, [first, observation([header(11)], { tips })])[1]).toEqual([]);
    },
  );

  it("takes side branches at first sight for history", () => {
    const tips = (tip = header(10)) =>
      chainTips(tip, { ...side(9, 6, "valid-fork"), hash: hashOf(9, "c") });
    const found = run(reorg, [
      observation(old, { tips: tips() }),
      observation([header(11)], { tips: tips(header(11)) }),
    ]);
    expect(found).toEqual([[], []]);
  });

  it("holds a finding for 40 spacings", () => {
    const observations = depthReorg(3);
    const { at_ms, tip } = observations[1]!;
    const holdMs = REORG_HOLD_SPACINGS * digibyte.spacing_seconds * 1_000;
    const later = (ms: number) => observation([], { tip, at_ms: at_ms + ms });
    const found = run(reorg, [...observations, later(holdMs - 1), later(holdMs)]);
    expect(found.map((findings) => findings.length)).toEqual([0, 1, 1, 0]);
    expect(holdMs).toBe(600_000);
  });

  it("distinguishes losing tips that have the same proof of work in front", () => {
    const zeros = (digit: string) => `${"0".repeat(40)}${digit.repeat(24)}`;
    const lost = (hash: string): ChainTip => ({
      hash,
      height: 12,
      branchlen: 5,
      status: "valid-fork",
    });
    const tip = header(20);
    const tips = chainTips(tip, lost(zeros("1")), lost(zeros("2")));
    const first = observation(old, { tips: chainTips(old.at(-1)!) });
    const found = run(reorg, [first, observation([tip], { tips })])[1]!;
    expect(new Set(found.map(({ finding_id }) => finding_id)).size).toBe(2);
  });

  it("finds the way back as a second reorganisation", () => {
    const back = branchOf("a", 8, 14).filter(({ height }) => height > 10);
    const found = run(reorg, [...depthReorg(3), observation([...branchOf("a", 8, 10), ...back])]);
    expect(found[2]?.map(({ evidence }) => evidence["depth"])).toEqual([3, 5]);
  });
});
