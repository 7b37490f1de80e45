/** The DigiByte Core recording, through the whole of Sentinel. */
import type { SentinelReport } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { createSentinel, digibyteRegtest } from "../src/index.js";
import { recording } from "./helpers.js";

type Labelled = { label: string; report: SentinelReport };

const observations = recording();
const sentinel = createSentinel({
  node_id: observations[0]!.observation.node_id,
  chain: digibyteRegtest,
});
const reports: Labelled[] = observations.map(({ label, observation }) => ({
  label,
  report: sentinel.observe(observation),
}));
const during = (label: string) =>
  reports.filter((one) => one.label === label).map(({ report }) => report);
const idsDuring = (label: string) => [
  ...new Set(during(label).flatMap(({ findings }) => findings.map(({ finding_id }) => finding_id))),
];

const REORG = "reorg:1952:0b313fd493e3ccce";

describe("the recording of DigiByte Core 8.22", () => {
  it("has every phase", () => {
    expect(
      Object.fromEntries(
        [...new Set(reports.map(({ label }) => label))].map((label) => [
          label,
          during(label).length,
        ]),
      ),
    ).toEqual({
      baseline: 102,
      "mempool-flood": 22,
      stall: 21,
      reorg: 4,
      quiet: 39,
      groestl: 91,
      recovery: 61,
    });
  });

  it.each(["baseline", "mempool-flood"])("raises nothing in %s", (label) => {
    expect(idsDuring(label)).toEqual([]);
    expect(during(label).every(({ level }) => level === "normal")).toBe(true);
  });

  it("rates the stall at each poll as a Poisson tail", () => {
    // log10(years) = t/(15·ln 10) − log10(2,103,840) = t/34.5388 − 6.32301, polled every 60 s:
    // 180 s −1.1115 (below a year); 240 s 0.6257; 300 s 2.3629; 360 s 4.1001; 420 s 5.8373; 480 s 7.57
    const severities = during("stall").map(({ findings }) => findings[0]?.severity ?? 0);
    expect(severities.slice(0, 9)).toEqual([
      0, 0, 0, 0.322998, 0.525669, 0.710005, 0.883723, 0.99, 0.99,
    ]);
    expect(severities.slice(9, 20)).toEqual(Array.from({ length: 11 }, () => 0.99));
  });

  it("finds one stall, elevated at 240 s, critical at 480 s, ended by the block", () => {
    expect(idsDuring("stall")).toEqual(["block_stall:1951"]);
    const levels = during("stall").map(({ level }) => level);
    expect(levels.indexOf("elevated")).toBe(3); // the 4th poll
    expect(levels.indexOf("critical")).toBe(7);
    expect(levels.at(-1)).toBe("normal");
  });

  it("finds the reorganisation at the first poll that shows it", () => {
    const found = during("reorg").map(({ findings }) => findings);
    expect(found.slice(0, 3)).toEqual([[], [], []]);
    expect(found[3]).toMatchObject([
      {
        finding_id: REORG,
        severity: 0.264918, // 2,103,840 · 0.0070747³ = 0.745 a year; log10(1/0.745) = 0.1279
        height: 1_960,
        evidence: { fork_height: 1_952, depth: 3, is_exact: true, losing_tip: { height: 1_955 } },
      },
    ]);
    expect(found[3]?.[0]?.evidence["losing_hashes"]).toHaveLength(3);
  });

  it("raises nothing new in quiet", () => {
    expect(idsDuring("quiet")).toEqual([REORG]);
  });

  it("ends the reorganisation after ten minutes", () => {
    const ofReorg = reports.filter(({ report }) =>
      report.findings.some(({ finding_id }) => finding_id === REORG),
    );
    const [first, last] = [
      ofReorg[0]!.report.observed_at_ms,
      ofReorg.at(-1)!.report.observed_at_ms,
    ];
    expect(last - first).toBeLessThan(600_000);
    expect(last - first).toBeGreaterThan(600_000 - 15_000);
  });

  it("is critical at the first block of the retired algorithm and not before", () => {
    const groestl = during("groestl");
    const first = groestl.findIndex(({ level }) => level === "critical");
    expect(groestl[first]?.tip?.height).toBe(2_001);
    expect(groestl[first]?.findings[0]).toMatchObject({
      finding_id: "retired_algorithm:2001",
      severity: 0.99,
      evidence: { algorithm: "groestl", blocks: 1 },
    });
    expect(
      groestl
        .slice(0, first)
        .every(({ findings }) => findings.every(({ finding_id }) => finding_id === REORG)),
    ).toBe(true);
    expect(groestl.slice(first).every(({ level }) => level === "critical")).toBe(true);
  });

  it("counts every retired block: each fifth from 2,001 to 2,086", () => {
    expect(during("groestl").at(-1)?.findings).toMatchObject([
      { evidence: { blocks: 18, first_height: 2_001, last_height: 2_086 } }, // (2,086 − 2,001)/5 + 1
    ]);
  });

  it("raises nothing new in recovery, and keeps what nobody has acknowledged", () => {
    expect(idsDuring("recovery")).toEqual(["retired_algorithm:2001"]);
  });
});
