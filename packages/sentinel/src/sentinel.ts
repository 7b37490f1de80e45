/** `createSentinel`: watches one node by its observations (design: layer 1). */
import { idSchema, offencePath, type SentinelReport, wordSchema } from "@dgb-shield/contract";
import { z } from "zod";
import {
  acknowledge,
  type AcknowledgementOrder,
  type AcknowledgementResult,
} from "./acknowledge.js";
import { type ChainParameters, chainParametersSchema } from "./chains/parameters.js";
import type { Detector } from "./detector.js";
import { algoShare } from "./detectors/algo-share.js";
import { blockCadence } from "./detectors/block-cadence.js";
import { blockStall } from "./detectors/block-stall.js";
import { entropyDrop } from "./detectors/entropy-drop.js";
import { mempoolSurge } from "./detectors/mempool-surge.js";
import { nodeUnreachable } from "./detectors/node-unreachable.js";
import { peerIsolation } from "./detectors/peer-isolation.js";
import { reorg } from "./detectors/reorg.js";
import { retiredAlgorithm } from "./detectors/retired-algorithm.js";
import { SentinelError } from "./errors.js";
import type { Observation } from "./observation.js";
import { observe } from "./observe.js";
import { emptyState, restoreState, type SentinelSetup, type SentinelState } from "./state.js";

/** The detectors that run unless others are given. */
export const DEFAULT_DETECTORS: readonly Detector[] = Object.freeze([
  blockStall,
  reorg,
  retiredAlgorithm,
  blockCadence,
  algoShare,
  mempoolSurge,
  peerIsolation,
  entropyDrop,
  nodeUnreachable,
]);

/** What `createSentinel` takes. */
export type SentinelOptions = Readonly<{
  /** The node that is watched; observations of any other are refused. */
  node_id: string;
  chain: ChainParameters;
  /** Default: `DEFAULT_DETECTORS`. Those that a chain gives nothing to do are left out. */
  detectors?: readonly Detector[];
  /** What `state()` gave before; default: nothing seen yet. */
  state?: unknown;
}>;

/** The watch over one node. */
export type Sentinel = Readonly<{
  /** Takes one observation in and reports; what cannot be read is a finding, never a throw. */
  observe(observation: Observation): SentinelReport;
  /** Silences one active finding, from the next report on. */
  acknowledge(findingId: string, order: AcknowledgementOrder, nowMs: number): AcknowledgementResult;
  /** A copy of everything that it remembers, as JSON. */
  state(): SentinelState;
}>;

const setupSchema = z.object({
  node_id: idSchema,
  chain: chainParametersSchema,
  detectors: z
    .array(z.looseObject({ name: wordSchema }))
    .refine(
      (detectors) => new Set(detectors.map(({ name }) => name)).size === detectors.length,
      "two detectors of one name",
    ),
});

/**
 * Creates the watch over one node.
 *
 * @throws SentinelError `invalid_configuration`, `invalid_state`, `state_of_another_node`
 * @example
 * const sentinel = createSentinel({ node_id: "node-a", chain: digibyte });
 * const report = sentinel.observe(observation);
 */
export function createSentinel(options: SentinelOptions): Sentinel {
  const setup = checkedSetup(options);
  let state = options.state === undefined ? emptyState(setup) : restoreState(setup, options.state);
  return {
    observe(observation) {
      const step = observe(setup, state, observation);
      state = step.state;
      return step.report;
    },
    acknowledge(findingId, order, nowMs) {
      const step = acknowledge(setup, state, { findingId, order, nowMs });
      state = step.state;
      return step.result;
    },
    state: () => JSON.parse(JSON.stringify(state)) as SentinelState,
  };
}

function checkedSetup(options: SentinelOptions): SentinelSetup {
  const { node_id, chain, detectors = DEFAULT_DETECTORS } = options;
  const { success, error } = setupSchema.safeParse({ node_id, chain, detectors });
  if (!success) {
    throw new SentinelError("invalid_configuration", offencePath(error), "not a configuration");
  }
  const applicable = detectors.filter((detector) => detector.appliesTo?.(chain) ?? true);
  return { node_id, chain, detectors: applicable };
}
