/** Configuration of the live network state (design section 4.2). */
import { DEFAULT_MAX_CLOCK_SKEW_MS, idSchema, withoutPrototypes } from "@dgb-shield/contract";
import { z } from "zod";
import { parseOptions } from "../internal/parse-options.js";
import { MAX_WEIGHT, SCORINGS } from "./scoring.js";

const DAY_MS = 86_400_000;

/** Most expected nodes. */
const MAX_EXPECTED = 100_000;

const MIB = 1_048_576;

const weightSchema = z.number().min(0.000001).max(MAX_WEIGHT);

const expectedNodeSchema = z.union([
  idSchema,
  z.strictObject({ node_id: idSchema, operator: idSchema }),
]);

const networkConfigSchema = z.strictObject({
  scoring: z.enum(SCORINGS).optional(),
  weights: z
    .strictObject({
      sentinel: weightSchema.optional(),
      adn: weightSchema.optional(),
      wallet_guard: weightSchema.optional(),
      oracle: weightSchema.optional(),
      infra: weightSchema.optional(),
    })
    .optional(),
  max_operator_weight: weightSchema.optional(),
  global_quorum: z.int().min(1).optional(),
  /** How long a signal counts, from `observed_at` or else from its arrival: 5 minutes. */
  ttl_ms: z.int().min(1).max(DAY_MS).default(300_000),
  /** Hold-down: how long a level stays after its signals have gone: 1 minute. */
  hold_ms: z.int().min(0).max(DAY_MS).default(60_000),
  /** How far ahead a date may be before the answer carries `ahead_ms`: 10 seconds. */
  max_future_ms: z.int().min(0).max(DAY_MS).default(10_000),
  /** How far the clock may step before it is not trusted: 5 seconds. */
  max_clock_skew_ms: z.int().min(0).max(DAY_MS).default(DEFAULT_MAX_CLOCK_SKEW_MS),
  /** Nodes whose silence makes the network UNKNOWN. */
  expected_reporters: z.array(expectedNodeSchema).max(MAX_EXPECTED).default([]),
  /** Signals held, one per operator, node, source and type. */
  max_live_signals: z.int().min(1).max(4_000_000).default(1_000_000),
  /** Signals of one node and source. */
  max_node_signals: z.int().min(1).max(1_000).default(64),
  /** Signals of one operator and source. */
  max_operator_signals: z.int().min(1).max(4_000_000).optional(),
  /** Bytes that the signals held are charged. */
  max_state_bytes: z
    .int()
    .min(MIB)
    .max(2 ** 40)
    .default(512 * MIB),
  /** Bytes that the signals of one operator and source are charged. */
  max_operator_bytes: z
    .int()
    .min(MIB)
    .max(2 ** 40)
    .optional(),
});

/**
 * Configuration of `createNetworkState`; absent fields take their defaults, unknown ones are rejected.
 *
 * - `scoring`, `weights`, `max_operator_weight`, `global_quorum`: see `ScoringOptions`. A
 *   `global_quorum` of 1 gives up corroboration.
 * - `ttl_ms` (300,000), `hold_ms` (60,000), `max_future_ms` (10,000), `max_clock_skew_ms` (5,000):
 *   milliseconds, at most a day
 * - `expected_reporters` ([]): nodes whose silence makes the network UNKNOWN, at most 100,000: a node id,
 *   or `{node_id, operator}` for which another operator's node of that id is no report
 * - `max_live_signals` (1,000,000): signals held at once; `max_node_signals` (64): of one node and source;
 *   `max_operator_signals` (a tenth of `max_live_signals`, at least 64): of one operator and source
 * - `max_state_bytes` (536,870,912): the bytes that live signals are charged: 1,500 each, 2 for each
 *   character of its canonical text and 8 for each of its node's and operator's names;
 *   `max_operator_bytes` (a tenth of it, at least 1,048,576): of one operator and source
 */
export type NetworkConfig = Readonly<z.input<typeof networkConfigSchema>>;

/**
 * Parses a configuration and fills in the defaults.
 *
 * @throws DqsnConfigError `invalid_config`
 */
export function parseConfig(config: NetworkConfig) {
  const { expected_reporters, ...settings } = parseOptions(networkConfigSchema, config);
  const { max_live_signals, max_state_bytes } = settings;
  // Without a prototype: an absent field is absent whatever `Object.prototype` has.
  return Object.freeze(
    withoutPrototypes({
      ...settings,
      expected_reporters: expected_reporters.map((expected) =>
        typeof expected === "string" ? { node_id: expected } : expected,
      ),
      max_operator_signals: settings.max_operator_signals ?? share(max_live_signals, 64),
      max_operator_bytes: settings.max_operator_bytes ?? share(max_state_bytes, MIB),
    }),
  );
}

/** Configuration with its defaults. */
export type NetworkSettings = ReturnType<typeof parseConfig>;

const share = (all: number, least: number): number => Math.max(least, Math.ceil(all / 10));
