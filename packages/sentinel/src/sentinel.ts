/** Creates the watch over one node. */
import {
  idSchema,
  parseOwn,
  type SentinelReport,
  type TimeReading,
  wordSchema,
} from "@dgb-shield/contract";
import { z } from "zod";
import {
  acceptClock,
  type AcceptClockOrder,
  type AcceptClockResult,
} from "./clock/accept-clock.js";
import {
  acknowledge,
  type AcknowledgementOrder,
  type AcknowledgementResult,
} from "./acknowledge.js";
import { type ChainParameters, chainParametersSchema, copyOfChain } from "@dgb-shield/chain";
import { NO_LIVE_CLOCK } from "./clock/clock.js";
import type { Detector } from "./detectors/detector.js";
import { algoShare } from "./detectors/algo-share.js";
import { blockCadence } from "./detectors/block-cadence.js";
import { blockStall } from "./detectors/block-stall.js";
import { clockTrust } from "./detectors/clock-trust.js";
import { entropyDrop } from "./detectors/entropy-drop.js";
import { flagDay } from "./detectors/flag-day.js";
import { mempoolSurge } from "./detectors/mempool-surge.js";
import { nodeUnreachable } from "./detectors/node-unreachable.js";
import { nonceReuse } from "./detectors/nonce-reuse.js";
import { peerIsolation } from "./detectors/peer-isolation.js";
import { reorg } from "./detectors/reorg/index.js";
import { rivalChain } from "./detectors/rival-chain/index.js";
import { retiredAlgorithm } from "./detectors/retired-algorithm.js";
import { slowChain } from "./detectors/slow-chain.js";
import { workRate } from "./detectors/work-rate.js";
import { nodeOverloaded } from "./detectors/node-overloaded.js";
import { syncStuck } from "./detectors/sync-stuck.js";
import { doubleSpend } from "./detectors/double-spend.js";
import { subsidy } from "./detectors/subsidy.js";
import { SentinelError } from "./errors.js";
import { errorText } from "./internal/error-text.js";
import { memberOf, ownMember } from "./internal/own.js";
import type { Observation } from "./observation/observation.js";
import { type Memory, observe } from "./observe.js";
import {
  tolerate,
  type TolerateOrder,
  type TolerateResult,
  untolerate,
  type UntolerateOrder,
} from "./tolerate.js";
import { emptyState, restoreState, type SentinelSetup, type SentinelState } from "./state.js";

/** The detectors that run unless others are given. */
export const DEFAULT_DETECTORS: readonly Detector[] = Object.freeze([
  blockStall,
  reorg,
  rivalChain,
  retiredAlgorithm,
  blockCadence,
  algoShare,
  mempoolSurge,
  peerIsolation,
  entropyDrop,
  nonceReuse,
  doubleSpend,
  subsidy,
  flagDay,
  nodeUnreachable,
  nodeOverloaded,
  syncStuck,
  workRate,
  slowChain,
  clockTrust,
]);

/** Options of `createSentinel`. */
export type SentinelOptions = Readonly<{
  /** The node that is watched; observations of any other are rejected. */
  node_id: string;
  chain: ChainParameters;
  /** Default: `DEFAULT_DETECTORS`. Those that a chain gives nothing to do are left out. */
  detectors?: readonly Detector[];
  /** What `state()` returned before; default: no observation yet. */
  state?: unknown;
}>;

/** The watch over one node. */
export type Sentinel = Readonly<{
  /** Takes one observation in and reports; what cannot be read is a finding, never a throw. */
  observe(observation: Observation): SentinelReport;
  /** Silences one active finding, from the next report on. `now` moves no clock. */
  acknowledge(
    findingId: string,
    order: AcknowledgementOrder,
    now: TimeReading,
  ): AcknowledgementResult;
  /** Takes the wall clock for right, whichever way it stepped; recorded in the state. */
  acceptClock(order: AcceptClockOrder, now: TimeReading): AcceptClockResult;
  /** Takes blocks of a retired algorithm for part of the chain, up to a height; every report names the order. */
  tolerate(order: TolerateOrder, now: TimeReading): TolerateResult;
  /** Ends such an order before its height. */
  untolerate(order: UntolerateOrder, now: TimeReading): TolerateResult;
  /** A copy of the whole state, as JSON. */
  state(): SentinelState;
}>;

const setupSchema = z.strictObject({ node_id: idSchema, chain: chainParametersSchema });

/** How much of a configuration is read. */
const BOUNDS = { maxDepth: 8, maxEntries: 1_024 } as const;

/**
 * Creates the watch over one node.
 *
 * @throws SentinelError `invalid_config`, `invalid_state`, `state_of_another_node`
 * @example
 * const sentinel = createSentinel({ node_id: "node-a", chain: digibyte });
 * const report = sentinel.observe(observation);
 */
export function createSentinel(options: SentinelOptions): Sentinel {
  const setup = checkedSetup(options);
  const stored = ownMember(options, "state");
  const state = stored === undefined ? emptyState(setup) : restoreState(setup, stored);
  let memory: Memory = { state, live: NO_LIVE_CLOCK };
  return Object.freeze({
    observe(observation) {
      const step = observe(setup, memory, observation);
      memory = step.memory;
      return step.report;
    },
    acknowledge(findingId, order, now) {
      const step = acknowledge(setup, memory, { findingId, order, reading: now });
      memory = step.memory;
      return step.result;
    },
    acceptClock(order, now) {
      const step = acceptClock(memory, order, now);
      memory = step.memory;
      return step.result;
    },
    tolerate(order, now) {
      const step = tolerate(setup, memory, { order, reading: now });
      memory = step.memory;
      return step.result;
    },
    untolerate(order, now) {
      const step = untolerate(memory, { order, reading: now });
      memory = step.memory;
      return step.result;
    },
    state: () => JSON.parse(JSON.stringify(memory.state)) as SentinelState,
  } satisfies Sentinel);
}

function checkedSetup(options: SentinelOptions): SentinelSetup {
  if (typeof options !== "object" || (options as unknown) === null) {
    throw invalid("", "the options are not an object: give { node_id, chain }");
  }
  const given = { node_id: ownMember(options, "node_id"), chain: ownMember(options, "chain") };
  const read = parseOwn(setupSchema, given, BOUNDS);
  if (!read.ok) throw invalid(read.path, errorText(setupSchema, given, read.path));
  const { node_id } = read.value;
  // A copy: later changes by the caller have no effect.
  const chain = copyOfChain(read.value.chain);
  const detectors = checkedDetectors(ownMember(options, "detectors") ?? DEFAULT_DETECTORS);
  return {
    node_id,
    chain,
    detectors: detectors.filter((detector) => detector.appliesTo?.(chain) ?? true),
  };
}

function checkedDetectors(given: unknown): readonly Detector[] {
  if (!Array.isArray(given)) throw invalid("/detectors", "not an array of detectors");
  const detectors = given.map((one: unknown, i) => checkedDetector(one, `/detectors/${i}`));
  const names = detectors.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return detectors;
  throw invalid("/detectors", `two detectors are named ${twice}: give each once`);
}

const REQUIRED = ["initial", "reduce"] as const;
const OPTIONAL = ["upgrade", "reduceUnwatched", "hasEvidence", "acknowledge", "appliesTo"] as const;

/** A detector with its own members alone, or those of its class. */
function checkedDetector(given: unknown, path: string): Detector {
  const name = memberOf(given, "name");
  if (!wordSchema.safeParse(name).success) {
    throw invalid(`${path}/name`, "not a word of a–z, 0–9 and _, 1 to 64 characters");
  }
  const stateSchema = memberOf(given, "stateSchema");
  if (typeof memberOf(stateSchema, "safeParse") !== "function") {
    throw invalid(`${path}/stateSchema`, "not a zod schema");
  }
  const methods = [...REQUIRED, ...OPTIONAL].map((key) => {
    const method = memberOf(given, key);
    const isRequired = REQUIRED.some((one) => one === key);
    if (method === undefined && !isRequired) return [key, undefined] as const;
    if (typeof method !== "function") throw invalid(`${path}/${key}`, "not a function");
    return [key, (method as (...args: unknown[]) => unknown).bind(given)] as const;
  });
  return { name, stateSchema, ...Object.fromEntries(methods) } as Detector;
}

const invalid = (path: string, detail: string): SentinelError =>
  new SentinelError("invalid_config", path, detail);
