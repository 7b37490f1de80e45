/** Measures detection quality: what is found in simulated attacks, and the false alarms on honest chains. */
import { type RiskLevel, worstLevel } from "@dgb-shield/contract";
import { type Detector, type Replay, replay, type ReplayedFinding } from "@dgb-shield/sentinel";
import type { SimulatedScenario } from "../simulation/scenarios.js";
import { type Quantiles, quantilesOf } from "./quantiles.js";

/** Milliseconds of a twelfth of a Julian year. */
const MONTH_MS = 31_557_600_000 / 12;

/** How an assessment is run. */
export type AssessmentOptions = Readonly<{
  /** One run each; whole numbers, 0 to 2^32 − 1. */
  seeds: readonly number[];
  /** Blocks of a run; default: the scenario's own. */
  blocks?: number;
  /** Default: those of `createSentinel`. */
  detectors?: readonly Detector[];
  /** Called while it runs, with the blocks of this assessment so far. */
  onProgress?: (blocks: number) => void;
}>;

/** How one detector did on one attack. */
export type DetectorQuality = {
  detector: string;
  /** Whether it ought to find this attack. */
  is_expected: boolean;
  /** Runs in which it raised a finding after the onset. */
  detected: number;
  /** The worst level that it reached in any run. */
  level: RiskLevel;
  /** Time to its first finding from the onset, over the runs in which there was one. */
  blocks: Quantiles;
  seconds: Quantiles;
};

/** How all detectors did on one attack. */
export type AttackQuality = {
  name: string;
  title: string;
  runs: number;
  /** Those that were expected, found or not, and those that found it as well. */
  detectors: DetectorQuality[];
  /** Findings raised before the onset, over all runs. */
  early_findings: number;
};

/** False alarms of one detector on an honest chain, by the worst level that each finding reached. */
export type FalseAlarms = { detector: string; elevated: number; high: number; critical: number };

/** False alarms on an honest chain. */
export type HonestQuality = {
  name: string;
  title: string;
  runs: number;
  blocks: number;
  months: number;
  alarms: FalseAlarms[];
  per_month: number;
};

/**
 * Runs a simulated attack once for each seed. A finding raised at or after the first observation
 * labelled `attack` is a detection, one before it an early finding.
 *
 * @throws RangeError without seeds
 */
export function assessAttack(
  scenario: SimulatedScenario,
  options: AssessmentOptions,
): AttackQuality {
  const runs = runsOf(scenario, options);
  const after = runs.map((run) => run.findings.filter(({ label }) => label === "attack"));
  const found = new Set(after.flat().map(({ detector }) => detector));
  const detectors = [...new Set([...scenario.expected, ...[...found].sort()])];
  return {
    name: scenario.name,
    title: scenario.title,
    runs: runs.length,
    detectors: detectors.map((detector) => {
      const delays = runs.flatMap((run, i) => delayOf(run, detector, after[i] ?? []));
      return {
        detector,
        is_expected: scenario.expected.includes(detector),
        detected: delays.length,
        // A detector that found nothing reports a normal level.
        level: worstLevel(
          after.flat().flatMap((one) => (one.detector === detector ? one.level : [])),
          "normal",
        ),
        blocks: quantilesOf(delays.map(({ blocks }) => blocks)),
        seconds: quantilesOf(delays.map(({ seconds }) => seconds)),
      };
    }),
    early_findings: runs
      .map((run, i) => run.findings.length - (after[i]?.length ?? 0))
      .reduce((sum, count) => sum + count, 0),
  };
}

/**
 * Runs an honest chain once for each seed: every finding is a false alarm.
 *
 * @throws RangeError without seeds
 */
export function assessHonest(
  scenario: SimulatedScenario,
  options: AssessmentOptions,
): HonestQuality {
  const runs = runsOf(scenario, options);
  const findings = runs.flatMap((run) => run.findings);
  const months = runs.reduce((sum, { from_ms, to_ms }) => sum + (to_ms - from_ms) / MONTH_MS, 0);
  const names = [...new Set(findings.map(({ detector }) => detector))].sort();
  const countOf = (detector: string, level: RiskLevel): number =>
    findings.filter((one) => one.detector === detector && one.level === level).length;
  return {
    name: scenario.name,
    title: scenario.title,
    runs: runs.length,
    blocks: runs.reduce((sum, { blocks }) => sum + blocks, 0),
    months,
    alarms: names.map((detector) => ({
      detector,
      elevated: countOf(detector, "elevated"),
      high: countOf(detector, "high"),
      critical: countOf(detector, "critical"),
    })),
    per_month: findings.length / months,
  };
}

function runsOf(
  scenario: SimulatedScenario,
  { seeds, blocks, detectors, onProgress }: AssessmentOptions,
): Replay[] {
  if (seeds.length === 0) throw new RangeError("no seed");
  let before = 0;
  return seeds.map((seed) => {
    const run = replay(scenario.observations(seed, blocks), {
      chain: scenario.chain,
      ...(detectors !== undefined && { detectors }),
      ...(onProgress !== undefined && { onProgress: (now: number) => onProgress(before + now) }),
    });
    before += run.blocks;
    return run;
  });
}

function delayOf(
  { phases }: Replay,
  detector: string,
  findings: readonly ReplayedFinding[],
): { blocks: number; seconds: number }[] {
  const onset = phases.find(({ label }) => label === "attack");
  const first = findings.find((finding) => finding.detector === detector);
  if (onset === undefined || first === undefined) return [];
  // A reorganisation can lower the height.
  const blocks = Math.max(0, first.raised_height - onset.from_height);
  return [{ blocks, seconds: (first.raised_at_ms - onset.from_ms) / 1_000 }];
}
