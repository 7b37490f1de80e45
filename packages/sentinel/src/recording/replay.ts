/** Runs observations through Sentinel and lists what it found, when, and how severe. */
import {
  isWorseLevel,
  levelOfScore,
  type RiskLevel,
  type SentinelReport,
} from "@dgb-shield/contract";
import type { ChainParameters } from "@dgb-shield/chain";
import type { Detector } from "../detectors/detector.js";
import type { Observation } from "../observation/observation.js";
import type { LabelledObservation } from "./labelled.js";
import { ownMembers } from "../internal/own.js";
import { otherChainOf } from "../observation/other-chain.js";
import { createSentinel } from "../sentinel.js";
import { RecordingError } from "./error.js";

/** Findings that a replay keeps; further ones are counted alone. */
export const MAX_REPLAYED_FINDINGS = 100_000;

/** A finding over its whole life. */
export type ReplayedFinding = {
  finding_id: string;
  detector: string;
  /** Label of the observation that raised it. */
  label: string;
  /** Summary when it was at its worst. */
  summary: string;
  /** Its highest severity, and the level that goes with it. */
  severity: number;
  level: RiskLevel;
  /** Height of the node's tip when it was raised. */
  raised_height: number;
  raised_at_ms: number;
  last_seen_ms: number;
};

/** A stretch of observations of one label. */
export type ReplayedPhase = { label: string; from_ms: number; from_height: number };

/** What a replay found. */
export type Replay = {
  node_id: string;
  chain: string;
  observations: number;
  blocks: number;
  from_ms: number;
  to_ms: number;
  /** The worst level at any time. */
  level: RiskLevel;
  phases: ReplayedPhase[];
  /** In the order in which they were raised. */
  findings: ReplayedFinding[];
  /** Findings beyond `MAX_REPLAYED_FINDINGS`. */
  findings_not_kept: number;
};

/** How a replay is run. */
export type ReplayOptions = Readonly<{
  chain: ChainParameters;
  /** Default: those of `createSentinel`. */
  detectors?: readonly Detector[];
  /** Called after each observation with the blocks seen so far. */
  onProgress?: (blocks: number) => void;
}>;

/** A replay that takes observations one by one, as while they are recorded or read from a node. */
export type RunningReplay = Readonly<{
  /**
   * Takes the next observation.
   *
   * @returns what Sentinel reports
   * @throws RecordingError `other_chain` where the first observation that names its chain names another one
   */
  take(one: LabelledObservation): SentinelReport;
  /**
   * What was found so far.
   *
   * @throws RangeError before the first observation
   */
  result(): Replay;
}>;

/**
 * Begins a replay of observations of one node.
 *
 * @throws SentinelError `invalid_config`, with the first observation
 * @example
 * const running = createReplay({ chain: digibyte });
 * running.take({ label: "live", observation: await source.poll() });
 */
export function createReplay(options: ReplayOptions): RunningReplay {
  const { chain, detectors, onProgress } = ownMembers(options);
  let run: Run | undefined;
  let isChecked = false;
  return Object.freeze({
    take({ label, observation }) {
      run ??= begin(observation, chain, detectors);
      if (!isChecked && observation.chain !== undefined) {
        const other = otherChainOf(observation, chain);
        if (other !== undefined) {
          throw new RecordingError("other_chain", run.result.observations + 1, other.detail);
        }
        isChecked = true;
      }
      const report = take(run, label, observation);
      onProgress?.(run.result.blocks);
      return report;
    },
    result() {
      if (run === undefined) throw new RangeError("nothing to replay");
      return run.result;
    },
  } satisfies RunningReplay);
}

/**
 * Replays observations of one node at full speed.
 *
 * @param observations of one node, in order; at least one
 * @throws RangeError when there is none
 * @throws SentinelError `invalid_config`
 * @throws RecordingError `other_chain` where the first observation that names its chain names another one
 * @throws whatever reading the observations throws, such as `RecordingError`
 * @example
 * const { findings } = replay(openRecording(lines, { node_id: "a" }).observations, { chain: digibyte });
 */
export function replay(
  observations: Iterable<LabelledObservation>,
  options: ReplayOptions,
): Replay {
  const running = createReplay(options);
  for (const one of observations) running.take(one);
  return running.result();
}

type Run = {
  result: Replay;
  known: Map<string, ReplayedFinding>;
  observe: (observation: Observation) => SentinelReport;
};

function begin(
  { node_id, at_ms }: Observation,
  chain: ChainParameters,
  detectors: readonly Detector[] | undefined,
): Run {
  const sentinel = createSentinel({
    node_id,
    chain,
    ...(detectors !== undefined && { detectors }),
  });
  return {
    result: {
      node_id,
      chain: chain.name,
      observations: 0,
      blocks: 0,
      from_ms: at_ms,
      to_ms: at_ms,
      level: "normal",
      phases: [],
      findings: [],
      findings_not_kept: 0,
    },
    known: new Map(),
    observe: (observation) => sentinel.observe(observation),
  };
}

function take(
  { result, known, observe }: Run,
  label: string,
  observation: Observation,
): SentinelReport {
  const report = observe(observation);
  const height = report.tip?.height ?? 0;
  result.observations++;
  result.blocks += observation.blocks.length;
  result.to_ms = report.observed_at_ms;
  if (isWorseLevel(report.level, result.level)) result.level = report.level;
  if (result.phases.at(-1)?.label !== label) {
    result.phases.push({ label, from_ms: report.observed_at_ms, from_height: height });
  }
  for (const finding of report.findings) {
    const { finding_id, detector, severity, summary } = finding;
    const before = known.get(finding_id);
    if (before !== undefined) {
      before.last_seen_ms = report.observed_at_ms;
      if (severity <= before.severity) continue;
      Object.assign(before, { severity, level: levelOfScore(severity), summary });
    } else if (known.size < MAX_REPLAYED_FINDINGS) {
      const raised: ReplayedFinding = {
        finding_id,
        detector,
        label,
        summary,
        severity,
        level: levelOfScore(severity),
        raised_height: height,
        raised_at_ms: report.observed_at_ms,
        last_seen_ms: report.observed_at_ms,
      };
      known.set(finding_id, raised);
      result.findings.push(raised);
    } else {
      result.findings_not_kept++;
    }
  }
  return report;
}
