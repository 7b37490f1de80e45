/** One run of a live chain through Sentinel: what it raised, and when each finding reached each level. */
import type { ChainParameters } from "@dgb-shield/chain";
import { createSentinel, type Detector, type LabelledObservation } from "@dgb-shield/sentinel";
import { levelOfScore, type RiskLevel } from "@dgb-shield/contract";

/** A finding over its life. */
export type RunFinding = {
  detector: string;
  finding_id: string;
  label: string;
  level: RiskLevel;
  severity: number;
  summary: string;
  /** Seconds from the first observation of the run. */
  raised_s: number;
  last_s: number;
  /** When it was first at least of a level, or null. */
  high_s: number | null;
  critical_s: number | null;
};

/** What one run gave. */
export type LiveRun = {
  blocks: number;
  observations: number;
  seconds: number;
  /** Seconds until the first observation of each label. */
  labels: Record<string, number>;
  findings: RunFinding[];
};

/** Most findings of a run that are kept. */
const MAX_FINDINGS = 5_000;
const ELEVATED = 0.25;

/** How a run goes. */
export type LiveRunOptions = Readonly<{
  chain: ChainParameters;
  detectors?: readonly Detector[];
  /** Called now and then with the blocks so far. */
  onProgress?: (blocks: number) => void;
}>;

const PROGRESS_EVERY = 2_000;

/** Runs observations of one node through a Sentinel of its own. */
export function liveRun(
  observations: Iterable<LabelledObservation>,
  { chain, detectors, onProgress }: LiveRunOptions,
): LiveRun {
  let sentinel: ReturnType<typeof createSentinel> | undefined;
  let startMs = 0;
  const known = new Map<string, RunFinding>();
  const run: LiveRun = { blocks: 0, observations: 0, seconds: 0, labels: {}, findings: [] };
  for (const { label, observation } of observations) {
    const { node_id, monotonic_ms } = observation;
    sentinel ??= createSentinel({ node_id, chain, ...(detectors !== undefined && { detectors }) });
    // The true time of the simulation.
    const nowMs = monotonic_ms ?? observation.at_ms;
    if (run.observations === 0) startMs = nowMs;
    const nowS = (nowMs - startMs) / 1_000;
    run.labels[label] ??= nowS;
    const { findings } = sentinel.observe(observation);
    run.observations++;
    run.blocks += observation.blocks.length;
    run.seconds = nowS;
    for (const { finding_id, detector, severity, summary } of findings) {
      if (severity < ELEVATED) continue;
      const before = known.get(finding_id);
      if (before === undefined) {
        if (run.findings.length >= MAX_FINDINGS) continue;
        const found: RunFinding = {
          detector,
          finding_id,
          label,
          level: levelOfScore(severity),
          severity,
          summary,
          raised_s: nowS,
          last_s: nowS,
          high_s: null,
          critical_s: null,
        };
        rise(found, severity, nowS);
        known.set(finding_id, found);
        run.findings.push(found);
        continue;
      }
      before.last_s = nowS;
      if (severity <= before.severity) continue;
      Object.assign(before, { severity, summary, level: levelOfScore(severity) });
      rise(before, severity, nowS);
    }
    if (run.blocks % PROGRESS_EVERY === 0) onProgress?.(run.blocks);
  }
  return run;
}

function rise(finding: RunFinding, severity: number, nowS: number): void {
  const level = levelOfScore(severity);
  if (level === "high" || level === "critical") finding.high_s ??= nowS;
  if (level === "critical") finding.critical_s ??= nowS;
}
