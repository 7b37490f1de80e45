/** Random histories of a network: signals, mutings and views, by clocks that may be odd. */
import { SIGNAL_SOURCES, type SignalV2 } from "@dgb-shield/contract";
import fc from "fast-check";
import {
  createNetworkState,
  type NetworkState,
  type NetworkConfig,
  type MuteTarget,
  restoreNetworkState,
} from "../../src/index.js";
import { ReferenceNetwork } from "./reference-network.js";

/** Times are small, so that signals meet, tie and expire often. */
const TTL_MS = 40;
const NODES = ["a", "b", "c", "d", "e", "op-1", "😀", "\ue000"] as const;
const OPERATORS = ["op-1", "op-2", "a"] as const;

/** Severities around every threshold, and anything else. */
const severity = fc.oneof(
  fc.constantFrom(0, 0.1, 0.2499994, 0.2499995, 0.25, 0.59, 0.5999994, 0.5999995, 0.6, 0.9, 1),
  fc.double({ min: 0, max: 1, noNaN: true }),
);

const target: fc.Arbitrary<MuteTarget> = fc.oneof(
  fc.constantFrom(...NODES).map((node_id) => ({ node_id })),
  fc.constantFrom(...OPERATORS).map((operator) => ({ operator })),
  fc.record({ node_id: fc.constantFrom(...NODES), operator: fc.constantFrom(...OPERATORS) }),
);

/** When histories begin: 2023-11-14T22:13:20Z. */
const START_MS = 1_700_000_000_000;

/** Steps by nodes with these names; `operator` makes the names of operators. */
const stepOf = (node_id: fc.Arbitrary<string>, operator: fc.Arbitrary<string>) =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record(
        {
          kind: fc.constant("say" as const),
          /** Milliseconds since the last step; back, now and then. */
          passMs: fc.constantFrom(0, 0, 0, 1, 1, 2, 5, 13, 30, -3, -20),
          node_id,
          source: fc.constantFrom(...SIGNAL_SOURCES),
          type: fc.constantFrom("block_stall", "mempool_surge", "nonce_reuse"),
          severity,
          operator,
          /** `observed_at`, from the time of the step. */
          aheadMs: fc.constantFrom(0, 0, -1, -5, -39, -40, 3, 10, 11, 500),
        },
        { requiredKeys: ["kind", "passMs", "node_id", "source", "type", "severity"] },
      ),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("mute" as const),
        passMs: fc.constantFrom(0, 1, -2),
        on: fc.boolean(),
        timed: fc.boolean(),
        target,
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom(
          "look" as const,
          "look" as const,
          "restart" as const,
          "accept" as const,
        ),
        passMs: fc.constantFrom(0, 1, 7, 20, 39, 40, 60, -5, -30),
      }),
    },
  );
const step = stepOf(fc.constantFrom(...NODES), fc.constantFrom(...OPERATORS));
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const weight = fc.constantFrom(0.000001, 0.3, 1, 2, 1_000);

/** Configurations of every kind. */
const config: fc.Arbitrary<NetworkConfig> = fc.record(
  {
    ttl_ms: fc.constant(TTL_MS),
    hold_ms: fc.constantFrom(0, 5, 25, 100),
    max_future_ms: fc.constant(1_000),
    max_clock_skew_ms: fc.constantFrom(0, 4, 5_000),
    scoring: fc.constantFrom("weighted_median" as const, "weighted_mean" as const),
    weights: fc.record({ sentinel: weight, adn: weight, infra: weight }, { requiredKeys: [] }),
    max_operator_weight: weight,
    global_quorum: fc.integer({ min: 1, max: 4 }),
    expected_reporters: fc.subarray(
      [...NODES, { node_id: "a", operator: "op-1" }, { node_id: "op-1", operator: "op-2" }],
      { maxLength: 3 },
    ),
    max_live_signals: fc.constantFrom(3, 1_000),
    max_node_signals: fc.constantFrom(1, 2, 64),
    max_operator_signals: fc.constantFrom(2, 64),
  },
  { requiredKeys: ["ttl_ms", "hold_ms", "max_future_ms", "max_clock_skew_ms"] },
);

/** A configuration and what happens under it. */
export const history = fc.record({ config, steps: fc.array(step, { maxLength: 40 }) });

/**
 * Many nodes, most of one operator: enough for a digest of several levels, for an operator's long list of
 * severities, and for more critical operators between two views than are listed one by one.
 */
export const crowd = fc.record({
  config: config.map((made) => ({ ...made, ttl_ms: 400, hold_ms: 0 })),
  steps: fc.array(
    stepOf(
      fc.nat(150).map((index) => `node-${index}`),
      fc.constantFrom("big", "big", "small"),
    ),
    { minLength: 250, maxLength: 400, size: "max" },
  ),
});
type History = typeof history extends fc.Arbitrary<infer T> ? T : never;

/** Lets both live through a history; `compare` gets both answers of each step that has one. */
export function live(
  { config: settings, steps }: History,
  compare: (actual: unknown, expected: unknown) => void,
): NetworkState {
  let network = createNetworkState(settings);
  const reference = new ReferenceNetwork(settings);
  let nowMs = START_MS;
  for (const taken of steps) {
    nowMs += taken.passMs;
    switch (taken.kind) {
      case "say": {
        const result = network.ingest(signalOf(taken, nowMs), nowMs);
        const answer = result.accepted ? "accepted" : result.code.replace(/^.*(SIGNAL|STATE)_/, "");
        compare(answer, reference.ingest(signalOf(taken, nowMs), nowMs));
        break;
      }
      case "mute": {
        const at = taken.timed ? nowMs : undefined;
        if (taken.on) network.mute(taken.target, at);
        else network.unmute(taken.target, at);
        reference.mute(taken.target, taken.on, at);
        break;
      }
      case "restart": {
        const text = JSON.stringify(network.snapshot());
        const result = restoreNetworkState(JSON.parse(text), settings);
        if (!result.restored) throw new Error(`${result.code} ${result.path}`);
        network = result.network;
        compare(JSON.stringify(network.snapshot()), text);
        break;
      }
      case "accept":
        network.acceptClock({ operator: "o", reason: "r" }, nowMs);
        reference.accept(nowMs);
        break;
      case "look":
        compare(network.view(nowMs), reference.view(nowMs));
    }
  }
  compare(network.view(nowMs), reference.view(nowMs));
  return network;
}

function signalOf(said: Extract<Step, { kind: "say" }>, nowMs: number): SignalV2 {
  const { node_id, source, type, severity: how, operator, aheadMs } = said;
  return {
    node_id,
    source,
    type,
    severity: how,
    ...(operator === undefined ? {} : { operator }),
    ...(aheadMs === undefined ? {} : { observed_at: nowMs + aheadMs }),
  };
}
