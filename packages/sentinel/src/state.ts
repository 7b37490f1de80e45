/** Sentinel's state as JSON: what it needs to go on after a restart as if there had been none. */
import {
  findingSchema,
  hash256Schema,
  heightSchema,
  idSchema,
  type JsonValue,
  parseOwn,
  riskLevelSchema,
  timeMsSchema,
  wordSchema,
} from "@dgb-shield/contract";
import { z } from "zod";
import type { ChainParameters } from "@dgb-shield/chain";
import { clockStateSchema, emptyClock } from "./clock/clock-state.js";
import type { Detector } from "./detectors/detector.js";
import { SentinelError } from "./errors.js";
import { errorText } from "./internal/error-text.js";
import { sealed } from "./internal/frozen.js";
import { MAX_TOLERATIONS, tolerationSchema } from "./tolerations.js";

const reasonSchema = z.string().min(1).max(512);

/** An operator's order to silence one finding. */
const acknowledgementSchema = z.strictObject({
  finding_id: idSchema,
  operator: idSchema,
  reason: reasonSchema,
  acknowledged_at_ms: timeMsSchema,
  /** When the finding shows again, if it still lasts; null: not again. */
  until_ms: timeMsSchema.nullable(),
  /** The same on the running time `most_ms`, which no wrong clock prolongs. */
  until_most_ms: z.int().min(0).nullable(),
  /** Level of the finding then; it shows again when it gets worse. */
  level: riskLevelSchema,
});
/** An operator's recorded acknowledgement of a finding. */
export type Acknowledgement = z.infer<typeof acknowledgementSchema>;

/** A wall clock that an operator accepted as right. */
const acceptedClockSchema = z.strictObject({
  operator: idSchema,
  reason: reasonSchema,
  /** The wall clock that was accepted. */
  accepted_at_ms: timeMsSchema,
  /** Sentinel's time and the clock's status before. */
  time_before_ms: timeMsSchema,
  status_before: z.enum(["trusted", "behind", "ahead"]),
});
/** An operator's recorded acceptance of the clock. */
export type AcceptedClock = z.infer<typeof acceptedClockSchema>;

/** Most accepted clocks that are kept: the latest. */
export const MAX_ACCEPTED_CLOCKS = 32;

/** The whole state of the watch over one node. */
export const sentinelStateSchema = sealed(
  z.strictObject({
    version: z.literal(2),
    node_id: idSchema,
    chain: wordSchema,
    /** Latest trusted time, and the running times that everything is measured by. */
    clock: clockStateSchema,
    accepted_clocks: z.array(acceptedClockSchema).max(MAX_ACCEPTED_CLOCKS),
    /** Orders to tolerate an algorithm; absent in a state of an earlier version. */
    tolerations: z
      .array(tolerationSchema)
      .max(MAX_TOLERATIONS)
      .default(() => []),
    tip: z.strictObject({ height: heightSchema, hash: hash256Schema }).nullable(),
    detectors: z.record(wordSchema, z.json()),
    /** Findings active at the last observation, acknowledged ones included. */
    findings: z.array(findingSchema),
    acknowledgements: z.array(acknowledgementSchema),
  }),
);

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

/** How much of a stored state is read. */
const BOUNDS = { maxDepth: 16, maxEntries: 100_000 } as const;

/** The state before the first observation. */
export const emptyState = ({ node_id, chain, detectors }: SentinelSetup): SentinelState => ({
  version: 2,
  node_id,
  chain: chain.name,
  clock: emptyClock(),
  accepted_clocks: [],
  tolerations: [],
  tip: null,
  detectors: Object.fromEntries(detectors.map((detector) => [detector.name, detector.initial()])),
  findings: [],
  acknowledgements: [],
});

/**
 * Reads a state that was stored. A detector without stored state begins anew.
 *
 * @throws SentinelError `invalid_state`, or `state_of_another_node` (or of another chain)
 */
export function restoreState(setup: SentinelSetup, stored: unknown): SentinelState {
  const state = check(sentinelStateSchema, stored, "");
  if (state.node_id !== setup.node_id || state.chain !== setup.chain.name) {
    const isChain = state.node_id === setup.node_id;
    const [path, has, wants] = isChain
      ? ["/chain", state.chain, setup.chain.name]
      : ["/node_id", state.node_id, setup.node_id];
    const detail = `the state is of ${has}, not of ${wants}: give the state of ${wants}, or none`;
    throw new SentinelError("state_of_another_node", path, detail);
  }
  const detectors = setup.detectors.map((detector) => {
    const { name } = detector;
    if (!Object.hasOwn(state.detectors, name)) return [name, detector.initial()] as const;
    const before = state.detectors[name];
    const given = before === undefined ? before : (detector.upgrade?.(before) ?? before);
    return [name, check(detector.stateSchema, given, `/detectors/${name}`)] as const;
  });
  return { ...state, detectors: Object.fromEntries(detectors) };
}

function check<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const read = parseOwn(schema, value, BOUNDS);
  if (read.ok) return read.value;
  const detail = `${errorText(schema, value, read.path)}: give what state() gave, or none`;
  throw new SentinelError("invalid_state", `${path}${read.path}`, detail);
}
