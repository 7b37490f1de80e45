/** One step of Sentinel: state and observation in, state and report out (design: layer 1). */
import {
  type Finding,
  isWorseLevel,
  levelOfScore,
  SCALE,
  type SentinelReport,
  timeMsSchema,
} from "@dgb-shield/contract";
import { z } from "zod";
import { circuitBreakers } from "./circuit-breakers.js";
import { OBSERVATION_INVALID } from "./codes.js";
import type { DetectorFinding } from "./detector.js";
import { isWatched, type Observation, type WatchedObservation } from "./observation.js";
import { readObservation } from "./read-observation.js";
import { unavailableFindings } from "./unavailable.js";
import type { Acknowledgement, SentinelSetup, SentinelState } from "./state.js";

/** Characters kept of the path of an offence. */
const MAX_PATH = 256;

const timedSchema = z.looseObject({ at_ms: timeMsSchema });

/** A state and the report that goes with it. */
export type Step = { state: SentinelState; report: SentinelReport };

/**
 * Takes one observation in. It never throws over what it is given: what cannot be read is a finding.
 *
 * @param input what should be an `Observation`
 */
export function observe(setup: SentinelSetup, state: SentinelState, input: unknown): Step {
  const read = readObservation(input, setup.node_id);
  // [UNKNOWN] the observation cannot be read
  if (!("observation" in read)) return refuse(state, read.path, timeOf(input));
  const { observation } = read;
  const at_ms = Math.max(state.at_ms, observation.at_ms);
  // [UNKNOWN] the node does not answer, or is still syncing
  if (!isWatched(observation)) return wait(setup, state, { ...observation, at_ms });
  return watch(setup, state, { ...observation, at_ms });
}

function watch(setup: SentinelSetup, state: SentinelState, observation: WatchedObservation): Step {
  const { at_ms, tip } = observation;
  const run = runDetectors(setup, state, observation);
  if (observation.unavailable !== undefined) run.findings.push(...unavailableFindings(observation));
  if (run.findings.length > 0) run.findings.push(...circuitBreakers(run.findings, tip.height));
  const findings = datedAll(run.findings, state.findings, at_ms);
  const next: SentinelState = {
    ...state,
    at_ms,
    tip: { height: tip.height, hash: tip.hash },
    detectors: run.states,
    findings,
    acknowledgements: stillActive(state.acknowledgements, findings),
  };
  return { state: next, report: reportOf(next, "WATCHING", run.names) };
}

/** A finding and whose it is. */
type Raised = DetectorFinding & { detector: string };

type Run = { states: SentinelState["detectors"]; findings: Raised[]; names: string[] };

function runDetectors(
  { detectors, chain }: SentinelSetup,
  state: SentinelState,
  observation: WatchedObservation,
): Run {
  const run: Run = { states: {}, findings: [], names: [] };
  for (const detector of detectors) {
    const { name } = detector;
    const before = state.detectors[name] ?? detector.initial();
    if (detector.hasEvidence?.(observation) === false) {
      run.states[name] = before;
      if (state.findings.length > 0) run.findings.push(...raisedBefore(state, name));
      continue;
    }
    const after = detector.reduce(before, observation, chain);
    run.states[name] = after.state;
    run.names.push(name);
    for (const finding of after.findings) run.findings.push({ ...finding, detector: name });
  }
  return run;
}

const raisedBefore = ({ findings }: SentinelState, name: string): readonly Raised[] =>
  findings.filter(({ detector }) => detector === name);

function stillActive(
  acknowledgements: Acknowledgement[],
  findings: readonly Finding[],
): Acknowledgement[] {
  if (acknowledgements.length === 0) return acknowledgements;
  const ids = new Set(findings.map(({ finding_id }) => finding_id));
  return acknowledgements.filter(({ finding_id }) => ids.has(finding_id));
}

/** Nothing can be looked at: what was active stays active, since nothing shows that it has ended. */
function wait(
  setup: SentinelSetup,
  state: SentinelState,
  { at_ms, ...observation }: Observation,
): Step {
  const { reachable, tip } = observation;
  const run = runUnwatched(setup, state, { ...observation, at_ms });
  const findings = datedAll(run.findings, state.findings, at_ms);
  const next: SentinelState = {
    ...state,
    at_ms,
    tip: tip === null ? state.tip : { height: tip.height, hash: tip.hash },
    detectors: run.states,
    findings,
  };
  return { state: next, report: reportOf(next, reachable ? "SYNCING" : "UNREACHABLE", run.names) };
}

function runUnwatched(
  { detectors, chain }: SentinelSetup,
  state: SentinelState,
  observation: Observation,
): Run {
  const run: Run = { states: { ...state.detectors }, findings: [], names: [] };
  const replaced = new Set([OBSERVATION_INVALID]);
  for (const detector of detectors) {
    const { name } = detector;
    const before = state.detectors[name] ?? detector.initial();
    const after = detector.reduceUnwatched?.(before, observation, chain);
    if (after === undefined) continue;
    run.states[name] = after.state;
    if (after.findings === null) continue;
    replaced.add(name);
    run.names.push(name);
    for (const finding of after.findings) run.findings.push({ ...finding, detector: name });
  }
  const kept = state.findings.filter(({ detector }) => !replaced.has(detector));
  return { ...run, findings: [...kept, ...run.findings] };
}

function refuse(state: SentinelState, path: string, time: number): Step {
  const at_ms = Math.max(state.at_ms, time);
  const running = state.findings.find(({ detector }) => detector === OBSERVATION_INVALID);
  const finding: DetectorFinding = {
    finding_id: running?.finding_id ?? `${OBSERVATION_INVALID}:${at_ms}`,
    severity: SCALE.elevated,
    summary: "what the node said cannot be read",
    height: state.tip?.height ?? 0,
    latched: false,
    evidence: { path: path.slice(0, MAX_PATH).toWellFormed() },
  };
  const others = state.findings.filter(({ detector }) => detector !== OBSERVATION_INVALID);
  const findings = [...others, dated(finding, OBSERVATION_INVALID, state.findings, at_ms)];
  const next = { ...state, at_ms, findings };
  return { state: next, report: reportOf(next, "UNREACHABLE", []) };
}

function reportOf(
  state: SentinelState,
  status: SentinelReport["status"],
  detectors: string[],
): SentinelReport {
  const shown = shownOf(state);
  const floor = status === "WATCHING" ? 0 : SCALE.elevated;
  const score = Math.max(floor, shown[0]?.severity ?? 0);
  return {
    node_id: state.node_id,
    chain: state.chain,
    observed_at_ms: state.at_ms,
    status,
    tip: state.tip,
    level: levelOfScore(score),
    score,
    findings: shown,
    detectors,
  };
}

function shownOf({ findings, acknowledgements, at_ms }: SentinelState): Finding[] {
  if (findings.length === 0) return [];
  return findings
    .filter((finding) => !isSilenced(finding, acknowledgements, at_ms))
    .toSorted(worstFirst);
}

function isSilenced(
  { finding_id, severity }: Finding,
  acknowledgements: readonly Acknowledgement[],
  nowMs: number,
): boolean {
  const given = acknowledgements.find((one) => one.finding_id === finding_id);
  if (given === undefined || (given.until_ms !== null && nowMs >= given.until_ms)) return false;
  return !isWorseLevel(levelOfScore(severity), given.level);
}

const datedAll = (
  raised: readonly Raised[],
  before: readonly Finding[],
  at_ms: number,
): Finding[] => raised.map(({ detector, ...finding }) => dated(finding, detector, before, at_ms));

function dated(
  finding: DetectorFinding,
  detector: string,
  before: readonly Finding[],
  at_ms: number,
): Finding {
  const known = before.find(({ finding_id }) => finding_id === finding.finding_id);
  return { ...finding, detector, detected_at_ms: known?.detected_at_ms ?? at_ms };
}

function worstFirst(a: Finding, b: Finding): number {
  if (a.severity !== b.severity) return b.severity - a.severity;
  return a.finding_id < b.finding_id ? -1 : 1;
}

function timeOf(input: unknown): number {
  try {
    const { success, data } = timedSchema.safeParse(input);
    return success ? data.at_ms : 0;
  } catch {
    return 0;
  }
}
