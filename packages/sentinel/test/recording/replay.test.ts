/** The DigiByte Core recording, through the whole of Sentinel. */
import type { SentinelReport } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { digibyteRegtest } from "@dgb-shield/chain";
import { createSentinel } from "../../src/index.js";
import { recording } from "../support/chain.js";

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

const REORG = "reorg:1952:67a66ef927d4a96c";

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

  it("raises nothing in the baseline", () => {
    expect(idsDuring("baseline")).toEqual([]);
    expect(during("baseline").every(({ level }) => level === "normal")).toBe(true);
  });

  it("finds the flood of the mempool within its interval, and its end with the block", () => {
    expect(idsDuring("mempool-flood")).toEqual(["mempool_surge:1950"]);
    const severities = during("mempool-flood").map(({ findings }) => findings[0]?.severity ?? 0);
    // 3·2,103,840·½·exp(−ln((5 + count)/5)/0.25) a year: 201 transactions 1.09, 221 0.76, 400 0.073
    expect(severities.slice(9, 13).map((one) => one > 0)).toEqual([false, false, true, true]);
    expect(Math.max(...severities)).toBe(0.382398);
    expect(severities.at(-1)).toBe(0);
  });

  it("rates the stall at each poll as the tail of its gaps", () => {
    // log10(years) = log10(1 + 0.032·t/15)/0.032 − log10(2,103,840), polled every 60 s:
    // 240 s −0.712 (below a year); 300 s 0.3909; 360 s 1.4108; 420 s 2.3594; 480 s 3.2461; …
    const severities = during("stall").map(({ findings }) => findings[0]?.severity ?? 0);
    expect(severities.slice(0, 9)).toEqual([
      0, 0, 0, 0, 0.2956, 0.414594, 0.525267, 0.624607, 0.707831,
    ]);
    expect(severities.slice(9, 12)).toEqual([0.786245, 0.860375, 0.930665]);
    expect(severities.slice(12, 20)).toEqual(Array.from({ length: 8 }, () => 0.99));
  });

  it("finds one stall, elevated at 300 s, critical at 720 s, ended by the block", () => {
    expect(idsDuring("stall")).toEqual(["block_stall:1951"]);
    const levels = during("stall").map(({ level }) => level);
    expect(levels.indexOf("elevated")).toBe(4); // the 5th poll
    expect(levels.indexOf("critical")).toBe(11);
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

  it("raises nothing new in recovery, and keeps what is not acknowledged", () => {
    expect(idsDuring("recovery")).toEqual(["retired_algorithm:2001"]);
  });
});
