import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { measureLive } from "../../src/cli/measure-live.js";
import { openParts } from "../../src/cli/parts.js";
import { assessLiveAttack } from "../../src/quality/live-attack.js";
import { assessLiveHonest } from "../../src/quality/live-honest.js";
import { liveChart } from "../../src/quality/live-chart.js";
import { liveMarkdown } from "../../src/quality/live-report.js";
import type { LiveRun, RunFinding } from "../../src/quality/live-run.js";
import { poissonInterval } from "../../src/quality/poisson-interval.js";
import { HONEST_KINDS } from "../../src/simulation/live/honest-kinds.js";
import { LIVE_ATTACKS } from "../../src/simulation/live/live-attacks.js";
import { SEED_SETS } from "../../src/simulation/live/sets.js";

const folder = mkdtempSync(join(tmpdir(), "sentinel-lab-parts-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MONTH_S = 2_629_800;

const finding = (fields: Partial<RunFinding>): RunFinding => ({
  detector: "reorg",
  finding_id: "reorg:1",
  label: "honest",
  level: "elevated",
  severity: 0.3,
  summary: "blocks fell out",
  raised_s: 10,
  last_s: 20,
  high_s: null,
  critical_s: null,
  ...fields,
});

const run = (findings: RunFinding[], labels: Record<string, number> = { honest: 0 }): LiveRun => ({
  blocks: 1_000,
  observations: 1_000,
  seconds: 2 * MONTH_S,
  labels,
  findings,
});

describe("poissonInterval", () => {
  // Garwood's table: exact limits of 95 %.
  it.each([
    [0, 0, 3.689],
    [1, 0.0253, 5.572],
    [5, 1.623, 11.668],
    [20, 12.217, 30.888],
    [100, 81.36, 121.63],
  ])("of %d is %d to %d", (count, low, high) => {
    expect(poissonInterval(count).low).toBeCloseTo(low, 2);
    expect(poissonInterval(count).high).toBeCloseTo(high, 2);
  });
});

describe("assessLiveHonest", () => {
  const kind = (name: string) => HONEST_KINDS.find((one) => one.name === name)!;

  it("counts by level and month; a high finding misses the bar", () => {
    const quality = assessLiveHonest(kind("ordinary"), [
      run([finding({}), finding({ level: "high", severity: 0.7 })]),
      run([]),
    ]);
    expect(quality.months).toBeCloseTo(4, 6);
    expect(quality.elevated).toMatchObject({ count: 1, per_month: 0.25 });
    expect(quality.high.interval.high).toBeCloseTo(5.572 / 4, 2);
    expect(quality.is_within).toBe(false);
    expect(quality.alarms[0]?.worst).toBe("0.7: blocks fell out");
  });

  it("leaves out that a node is down which is down, and nothing else", () => {
    const down = finding({ detector: "node_unreachable", level: "critical" });
    expect(assessLiveHonest(kind("restarts"), [run([down])])).toMatchObject({
      is_within: true,
      true_findings: 1,
    });
    expect(assessLiveHonest(kind("ordinary"), [run([down])]).is_within).toBe(false);
  });
});

describe("assessLiveAttack", () => {
  const attack = (name: string) => LIVE_ATTACKS.find((one) => one.name === name)!;
  const labels = { honest: 0, attack: 1_000, over: 5_000 };

  it("measures from the onset, and whether it was critical before the harm was done", () => {
    const late = finding({ label: "over", raised_s: 6_000, critical_s: 6_000 });
    const early = finding({ label: "attack", raised_s: 2_000, critical_s: 3_000 });
    const quality = assessLiveAttack(attack("litecoin-april"), [
      run([early, late], labels),
      run([late], labels),
    ]);
    expect(quality).toMatchObject({ detected: 2, critical: 2, critical_in_time: 1, is_met: false });
    expect(quality.seconds).toEqual({ median: 1_000, p95: 5_000, worst: 5_000 });
  });

  it("counts what came before the onset as false", () => {
    const quality = assessLiveAttack(attack("all-x3"), [run([finding({})], labels)]);
    expect(quality).toMatchObject({ detected: 0, early_findings: 1, is_met: false });
  });
});

describe("openParts", () => {
  it("makes a part once, and again what a process had begun that no longer runs", () => {
    const parts = openParts(join(folder, "a"), process.pid);
    expect(parts.take("x", () => 1)).toBe(1);
    expect(parts.take("x", () => 2)).toBe(1);
    writeFileSync(join(folder, "a/y.claim"), String(process.ppid));
    expect(parts.take("y", () => 3)).toBeUndefined();
    writeFileSync(join(folder, "a/y.claim"), String(2 ** 30));
    expect(parts.take("y", () => 3)).toBe(3);
    expect(readdirSync(join(folder, "a")).sort()).toEqual(["x.json", "y.json"]);
  });
});

describe("measureLive", () => {
  it("measures what is named, resumes, and is written as tables", () => {
    const options = { set: SEED_SETS.tune, months: 0.01, runs: 1 };
    const only = ["ordinary", "visits-10", "litecoin-april"];
    const seen: string[] = [];
    const progress = {
      move: (_: number, label: string) => void seen.push(label),
      end: () => undefined,
    };
    const parts = openParts(join(folder, "b"), process.pid);
    const { report, missing } = measureLive({ ...options, only }, parts, progress);
    expect(missing).toBe(0);
    expect(seen).toHaveLength(3);
    expect(report.honest.map(({ name }) => name)).toEqual(["ordinary", "visits-10"]);
    expect(report.attacks.map(({ name }) => name)).toEqual(["litecoin-april"]);
    expect(measureLive({ ...options, only }, parts, progress).report).toEqual(report);
    const text = liveMarkdown(report);
    expect(text).toMatch(/^\| two algorithms × 10 .* \| 0\.0 /m);
    expect(text).toMatch(/^\| 0\.25 /m);
    const svg = liveChart(report.honest);
    expect(svg.match(/<circle/g)).toHaveLength(2);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });
});
