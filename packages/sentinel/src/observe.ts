/** Takes one step: memory and observation in, memory and report out. */
import { has } from "./internal/own.js";
import { type Finding, type JsonValue, SCALE, type SentinelReport } from "@dgb-shield/contract";
import { circuitBreakers } from "./detectors/circuit-breakers.js";
import { advance, type Clock, type LiveClock, readingOf } from "./clock/clock.js";
import { clockFinding } from "./clock/clock-finding.js";
import { CLOCK_UNTRUSTED, OBSERVATION_INVALID, WRONG_CHAIN } from "./codes.js";
import type { Timed } from "./detectors/detector.js";
import { isWatched, type Observation, type WatchedObservation } from "./observation/observation.js";
import { otherChainOf } from "./observation/other-chain.js";
import { readObservation } from "./observation/read-observation.js";
import { datedAll, type Raised, reportOf } from "./report.js";
import type { Acknowledgement, SentinelSetup, SentinelState } from "./state.js";
import { underOrders } from "./tolerations.js";
import { gapFindings, hasRun, unavailableFindings } from "./detectors/evidence-unavailable.js";
import { type MissingBlocks, missingBlocks } from "./observation/linkage.js";

/** Longest path and longest text that a finding repeats. */
const MAX_PATH = 256;
const MAX_SUMMARY = 512;

/** What is kept: the state, and the monotonic clock, which ends with the process. */
export type Memory = Readonly<{ state: SentinelState; live: LiveClock }>;

/** A memory and the report that goes with it. */
export type Step = { memory: Memory; report: SentinelReport };

/**
 * Takes one observation in. It never throws over what it is given: what cannot be read is a finding. A memory that
 * was given is of no use afterwards: the states of the detectors in it are written over.
 *
 * @param input what should be an `Observation`
 */
export function observe(setup: SentinelSetup, memory: Memory, input: unknown): Step {
  const read = readObservation(input, setup.node_id);
  // [UNKNOWN observation_invalid] the observation cannot be read, or is of another node
  if (!read.ok) return refuse(memory, read, ownTimes(input));
  const { value: observation } = read;
  const other = otherChainOf(observation, setup.chain);
  // [UNKNOWN wrong_chain] the node is on another chain than the one that is watched
  if (other !== undefined) {
    return refuse(memory, other, ownTimes(input), WRONG_CHAIN);
  }
  const clock = advance(
    { state: memory.state.clock, live: memory.live },
    readingOf(observation.at_ms, observation.monotonic_ms),
  );
  // Nor can one whose reading gives no time.
  if (!has(clock, "state")) {
    return refuse(memory, { path: "/at_ms", detail: clock.detail }, undefined);
  }
  const ordered = { ...setup, chain: underOrders(setup.chain, memory.state.tolerations) };
  // [UNKNOWN SENTINEL_NODE_UNREACHABLE, SENTINEL_NODE_SYNCING] the node is silent, or still syncing
  return isWatched(observation)
    ? watch(ordered, memory.state, clock, timed(observation, clock))
    : wait(ordered, memory.state, clock, timed(observation, clock));
}

/** The observation with its running times; each field is its own, absent ones too. */
function timed<T extends Observation>(observation: T, { state }: Clock): Timed<T> {
  const whole: Timed<Observation> = {
    node_id: observation.node_id,
    at_ms: observation.at_ms,
    monotonic_ms: observation.monotonic_ms,
    syncing: observation.syncing,
    reachable: observation.reachable,
    tip: observation.tip,
    blocks: observation.blocks,
    tips: observation.tips,
    mempool: observation.mempool,
    difficulties: observation.difficulties,
    peers: observation.peers,
    signatures: observation.signatures,
    unavailable: observation.unavailable,
    version: observation.version,
    chain: observation.chain,
    node: observation.node,
    failure: observation.failure,
    warming_up: observation.warming_up,
    restarted: observation.restarted,
    torn: observation.torn,
    more: observation.more,
    best_header_height: observation.best_header_height,
    chainwork: observation.chainwork,
    last_tip: observation.last_tip,
    node_time_s: observation.node_time_s,
    pruned_below: observation.pruned_below,
    warnings: observation.warnings,
    details: observation.details,
    dropped: observation.dropped,
    double_spends: observation.double_spends,
    times: state.times,
    clock: state.status,
  };
  return whole as Timed<T>;
}

function watch(
  setup: SentinelSetup,
  state: SentinelState,
  clock: Clock,
  observation: Timed<WatchedObservation>,
): Step {
  const { at_ms, tip } = observation;
  const missing = missingBlocks(state.tip, observation);
  const run = runDetectors(setup, state, observation, missing);
  run.findings.push(...gapFindings(missing, observation));
  if (observation.unavailable !== undefined) run.findings.push(...unavailableFindings(observation));
  if (run.findings.length > 0) run.findings.push(...circuitBreakers(run.findings, tip.height));
  if (clock.state.status !== "trusted") run.findings.push(...clockFinding(clock.state, tip.height));
  const findings = datedAll(run.findings, state.findings, at_ms);
  const next: SentinelState = {
    version: state.version,
    node_id: state.node_id,
    chain: state.chain,
    clock: clock.state,
    accepted_clocks: state.accepted_clocks,
    tolerations: state.tolerations,
    tip: { height: tip.height, hash: tip.hash },
    detectors: run.states,
    findings,
    acknowledgements: stillActive(state.acknowledgements, findings),
  };
  return {
    memory: { state: next, live: clock.live },
    report: reportOf(next, "WATCHING", run.names),
  };
}

type Run = { states: SentinelState["detectors"]; findings: Raised[]; names: string[] };

function runDetectors(
  { detectors, chain }: SentinelSetup,
  state: SentinelState,
  observation: Timed<WatchedObservation>,
  missing: MissingBlocks | undefined,
): Run {
  const { detectors: states } = state;
  const run: Run = { states, findings: [], names: [] };
  const after: JsonValue[] = [];
  for (const detector of detectors) {
    const { name } = detector;
    const before = states[name] ?? detector.initial();
    if (detector.hasEvidence?.(observation) === false) {
      after.push(before);
      if (state.findings.length > 0) run.findings.push(...raisedBefore(state, name));
      continue;
    }
    const reduced = detector.reduce(before, observation, chain);
    after.push(reduced.state);
    if (hasRun(name, missing)) run.names.push(name);
    for (const finding of reduced.findings) run.findings.push({ ...finding, detector: name });
  }
  // Only when none of them has thrown: the record is that of the memory before, which ends here.
  for (let i = 0; i < after.length; i++) {
    const name = detectors[i]?.name ?? "";
    if (states[name] !== after[i]) states[name] = after[i] as JsonValue;
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

/** Keeps what was active, since nothing shows that it has ended. */
function wait(
  setup: SentinelSetup,
  state: SentinelState,
  clock: Clock,
  observation: Timed<Observation>,
): Step {
  const { reachable, tip, at_ms } = observation;
  const run = runUnwatched(setup, state, observation);
  const height = tip?.height ?? state.tip?.height ?? 0;
  run.findings.push(...clockFinding(clock.state, height));
  const next: SentinelState = {
    ...state,
    clock: clock.state,
    tip: tip === null ? state.tip : { height: tip.height, hash: tip.hash },
    detectors: run.states,
    findings: datedAll(run.findings, state.findings, at_ms),
  };
  const status = reachable ? "SYNCING" : "UNREACHABLE";
  return { memory: { state: next, live: clock.live }, report: reportOf(next, status, run.names) };
}

function runUnwatched(
  { detectors, chain }: SentinelSetup,
  state: SentinelState,
  observation: Timed<Observation>,
): Run {
  const run: Run = { states: { ...state.detectors }, findings: [], names: [] };
  const replaced = new Set([OBSERVATION_INVALID, WRONG_CHAIN, CLOCK_UNTRUSTED]);
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

/** Reports an observation that cannot be read; nothing else of it is kept, not even its time. */
function refuse(
  { state, live }: Memory,
  { path, detail }: Readonly<{ path: string; detail: string }>,
  given: Readonly<{ at_ms: number; monotonic_ms: number | undefined }> | undefined,
  code: typeof OBSERVATION_INVALID | typeof WRONG_CHAIN = OBSERVATION_INVALID,
): Step {
  const peeked =
    given === undefined
      ? undefined
      : advance({ state: state.clock, live }, readingOf(given.at_ms, given.monotonic_ms));
  const clock = peeked !== undefined && has(peeked, "state") ? peeked.state : state.clock;
  const height = state.tip?.height ?? 0;
  const running = state.findings.find(({ detector }) => detector === code);
  const finding: Raised = {
    detector: code,
    finding_id: running?.finding_id ?? `${code}:${clock.wall_ms}`,
    severity: code === WRONG_CHAIN ? SCALE.high : SCALE.elevated,
    summary: `the observation is refused at ${path === "" ? "the top" : path}: ${detail}`
      .slice(0, MAX_SUMMARY)
      .toWellFormed(),
    height,
    latched: false,
    evidence: { path: path.slice(0, MAX_PATH).toWellFormed(), detail },
  };
  const replaced = [OBSERVATION_INVALID, WRONG_CHAIN, CLOCK_UNTRUSTED];
  const others = state.findings.filter(({ detector }) => !replaced.includes(detector));
  const raised = [...others, finding, ...clockFinding(clock, height)];
  const next = { ...state, findings: datedAll(raised, state.findings, clock.wall_ms) };
  const report = reportOf({ ...next, clock }, "UNREACHABLE", []);
  return { memory: { state: next, live }, report };
}

/** The times of an observation that cannot be read otherwise, as its own data; undefined where they cannot either. */
function ownTimes(
  input: unknown,
): Readonly<{ at_ms: number; monotonic_ms: number | undefined }> | undefined {
  if (typeof input !== "object" || input === null) return undefined;
  try {
    const at = Object.getOwnPropertyDescriptor(input, "at_ms")?.value as unknown;
    const monotonic = Object.getOwnPropertyDescriptor(input, "monotonic_ms")?.value as unknown;
    if (typeof at !== "number") return undefined;
    return { at_ms: at, monotonic_ms: typeof monotonic === "number" ? monotonic : undefined };
  } catch {
    return undefined;
  }
}
