/** Sentinel's memory, as JSON: what it needs to go on after a restart as if there had been none. */
import {
  findingSchema,
  hash256Schema,
  heightSchema,
  idSchema,
  type JsonValue,
  offencePath,
  riskLevelSchema,
  timeMsSchema,
  wordSchema,
} from "@dgb-shield/contract";
import { z } from "zod";
import type { ChainParameters } from "./chains/parameters.js";
import type { Detector } from "./detector.js";
import { SentinelError } from "./errors.js";

/** An operator's word on one finding. */
const acknowledgementSchema = z.strictObject({
  finding_id: idSchema,
  operator: idSchema,
  reason: z.string().min(1).max(512),
  acknowledged_at_ms: timeMsSchema,
  /** When the finding shows again, if it still lasts; null: not again. */
  until_ms: timeMsSchema.nullable(),
  /** Level of the finding then; it shows again when it gets worse. */
  level: riskLevelSchema,
});
export type Acknowledgement = z.infer<typeof acknowledgementSchema>;

/** Everything that Sentinel remembers of one node. */
export const sentinelStateSchema = z.strictObject({
  version: z.literal(1),
  node_id: idSchema,
  chain: wordSchema,
  /** Latest time seen; time never runs back behind it. */
  at_ms: timeMsSchema,
  tip: z.strictObject({ height: heightSchema, hash: hash256Schema }).nullable(),
  detectors: z.record(wordSchema, z.json()),
  /** Findings active at the last observation, acknowledged ones included. */
  findings: z.array(findingSchema),
  acknowledgements: z.array(acknowledgementSchema),
});

/** See `sentinelStateSchema`. */
export type SentinelState = Omit<z.infer<typeof sentinelStateSchema>, "detectors"> & {
  detectors: Record<string, JsonValue>;
};

/** The node that a Sentinel watches, and by which detectors. */
export type SentinelSetup = Readonly<{
  node_id: string;
  chain: ChainParameters;
  detectors: readonly Detector[];
}>;

/** The state before the first observation. */
export const emptyState = ({ node_id, chain, detectors }: SentinelSetup): SentinelState => ({
  version: 1,
  node_id,
  chain: chain.name,
  at_ms: 0,
  tip: null,
  detectors: Object.fromEntries(detectors.map((detector) => [detector.name, detector.initial()])),
  findings: [],
  acknowledgements: [],
});

/**
 * Reads a state that was stored. A detector that it does not know begins anew.
 *
 * @throws SentinelError `invalid_state`, or `state_of_another_node` (or of another chain)
 */
export function restoreState(setup: SentinelSetup, stored: unknown): SentinelState {
  const state = check(sentinelStateSchema, stored, "");
  if (state.node_id !== setup.node_id || state.chain !== setup.chain.name) {
    const path = state.node_id === setup.node_id ? "/chain" : "/node_id";
    throw new SentinelError("state_of_another_node", path, "the state of another node or chain");
  }
  const detectors = setup.detectors.map((detector) => {
    const { name } = detector;
    if (!Object.hasOwn(state.detectors, name)) return [name, detector.initial()] as const;
    return [
      name,
      check(detector.stateSchema, state.detectors[name], `/detectors/${name}`),
    ] as const;
  });
  return { ...state, detectors: Object.fromEntries(detectors) };
}

function check<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  throw new SentinelError("invalid_state", `${path}${offencePath(error)}`, "not a stored state");
}
