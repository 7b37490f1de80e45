import { describe, expect, it } from "vitest";
import { digibyte, digibyteRegtest } from "@dgb-shield/chain";
import { blockCadence, reorg, replay, retiredAlgorithm } from "@dgb-shield/sentinel";
import { quantilesOf } from "../../src/quality/quantiles.js";
import { assessAttack, assessHonest } from "../../src/quality/assess.js";
import { reportChart } from "../../src/quality/chart.js";
import { assessRecording, type QualityReport, reportMarkdown } from "../../src/quality/report.js";
import { honestDigibyte, SIMULATED_ATTACKS } from "../../src/simulation/scenarios.js";
import { recording } from "../support/recording.js";

const attack = (name: string) => SIMULATED_ATTACKS.find((one) => one.name === name)!;

describe("quantilesOf", () => {
  it.each([
    [[], { median: null, p95: null, worst: null }],
    [[7], { median: 7, p95: 7, worst: 7 }],
    [[3, 1, 2, 4], { median: 2, p95: 4, worst: 4 }],
    // Nearest rank: ⌈0.5 · 20⌉ = 10th, ⌈0.95 · 20⌉ = 19th of 1–20.
    [Array.from({ length: 20 }, (_, i) => 20 - i), { median: 10, p95: 19, worst: 20 }],
  ])("of %j are %j", (values, quantiles) => expect(quantilesOf(values)).toEqual(quantiles));
});

describe("assessAttack", () => {
  const seeds = [1, 2, 3];

  it("finds the retired algorithm in every run at its first block", () => {
    const quality = assessAttack(attack("retired-algorithm"), {
      seeds,
      blocks: 3_000,
      detectors: [retiredAlgorithm],
    });
    expect(quality).toEqual({
      name: "retired-algorithm",
      title: attack("retired-algorithm").title,
      runs: 3,
      detectors: [
        {
          detector: "retired_algorithm",
          is_expected: true,
          detected: 3,
          level: "critical",
          blocks: { median: 0, p95: 0, worst: 0 },
          seconds: { median: 0, p95: 0, worst: 0 },
        },
      ],
      early_findings: 0,
    });
  });

  it("tells an expected detector that found nothing", () => {
    const quality = assessAttack(attack("retired-algorithm"), {
      seeds: [1],
      blocks: 3_000,
      detectors: [reorg],
    });
    expect(quality.detectors).toMatchObject([
      { detector: "retired_algorithm", is_expected: true, detected: 0, blocks: { median: null } },
    ]);
  });

  it("is critical for every documented deep reorganisation, at once", () => {
    const documented = SIMULATED_ATTACKS.filter(({ name }) => /vertcoin|bitcoin-gold/.test(name));
    expect(documented).toHaveLength(4);
    for (const scenario of documented) {
      const { detectors } = assessAttack(scenario, { seeds, detectors: [reorg] });
      expect(detectors).toMatchObject([{ detected: 3, level: "critical", seconds: { worst: 0 } }]);
    }
  });

  it("says how far it is", () => {
    const seen: number[] = [];
    assessAttack(attack("reorg-digibyte-2026-06"), {
      seeds: [1, 2],
      detectors: [reorg],
      onProgress: (blocks) => seen.push(blocks),
    });
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBeGreaterThanOrEqual(1_600);
  });

  it("asks for a seed", () => {
    expect(() => assessAttack(attack("retired-algorithm"), { seeds: [] })).toThrow(RangeError);
  });
});

describe("assessHonest", () => {
  it("counts every finding of an honest chain, by detector and worst level", () => {
    const { alarms, months, blocks, per_month } = assessHonest(honestDigibyte, {
      seeds: [1, 2],
      blocks: 3_000,
      detectors: [reorg, blockCadence],
    });
    expect(blocks).toBe(6_000);
    // 6,000 · 15 s = 25 hours of 730.5 in a month.
    expect(months).toBeCloseTo(25 / 730.5, 2);
    const counted = alarms.reduce((sum, one) => sum + one.elevated + one.high + one.critical, 0);
    expect(per_month).toBeCloseTo(counted / months, 9);
  });
});

describe("the report", () => {
  const recorded = replay(recording(), { chain: digibyteRegtest });
  const report: QualityReport = {
    version: 1,
    honest: [assessHonest(honestDigibyte, { seeds: [1], blocks: 2_000 })],
    attacks: [
      assessAttack(attack("retired-algorithm"), { seeds: [1, 2], blocks: 3_000 }),
      { ...assessAttack(attack("algorithm-lost"), { seeds: [1], blocks: 900 }), name: `<&">` },
    ],
    recordings: [assessRecording("regtest", recorded)],
  };

  it("has a row for each phase of a recording, quiet ones too", () => {
    const text = reportMarkdown(report);
    for (const phase of ["baseline", "quiet", "recovery"]) {
      expect(text).toMatch(new RegExp(`^\\| ${phase} +\\| nothing`, "m"));
    }
    expect(text).toMatch(/^\| groestl +\| retired_algorithm \| critical \| 1 +\| 13 /m);
    expect(text).toMatch(/^\| retired-algorithm \| retired_algorithm \(expected\) +\| 2 of 2/m);
  });

  it("is drawn as well-formed SVG, with names escaped and misses marked", () => {
    const svg = reportChart(report);
    expect(svg).toContain("&lt;&amp;&quot;&gt;");
    expect(svg).toContain('class="missed"');
    const tags = [...svg.matchAll(/<(\/?)([a-z]+)([^<>]*?)(\/?)>/g)];
    const open: string[] = [];
    for (const [, closing, name, , empty] of tags) {
      if (closing === "/") expect(open.pop()).toBe(name);
      else if (empty !== "/") open.push(name!);
    }
    expect(open).toEqual([]);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("is the same for the same seeds", () => {
    const again = assessAttack(attack("retired-algorithm"), { seeds: [1, 2], blocks: 3_000 });
    expect(again).toEqual(report.attacks[0]);
  });
});

describe("replay", () => {
  it("keeps the worst of each finding, when it was raised and last seen", () => {
    const { findings, level, phases } = replay(recording(), { chain: digibyteRegtest });
    expect(level).toBe("critical");
    expect(phases.map(({ label }) => label)).toEqual([
      "baseline",
      "mempool-flood",
      "stall",
      "reorg",
      "quiet",
      "groestl",
      "recovery",
    ]);
    const stall = findings.find(({ detector }) => detector === "block_stall")!;
    expect(stall).toMatchObject({ label: "stall", level: "critical", severity: 0.99 });
    expect(stall.last_seen_ms - stall.raised_at_ms).toBe(900_000);
  });

  it("needs an observation", () => {
    expect(() => replay([], { chain: digibyte })).toThrow(RangeError);
  });
});
