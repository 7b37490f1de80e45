/** Configuration of the live network picture (DQSN v2, section 2). */
import { idSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { parseConfig } from "./config.js";
import { SCORINGS } from "./scoring.js";

const DAY_MS = 86_400_000;

const weightSchema = z.number().min(0.000001).max(1_000);

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
  /** How long a level stays after it has gone: 1 minute. */
  hold_ms: z.int().min(0).max(DAY_MS).default(60_000),
  /** How far a reporter's clock may run ahead: 10 seconds. */
  max_future_ms: z.int().min(0).max(DAY_MS).default(10_000),
  /** Nodes whose silence makes the network UNKNOWN. */
  expected_reporters: z.array(idSchema).default([]),
  /** Bound of memory: signals held, one per node, source and type. With it all sums of weights are exact. */
  max_live_signals: z.int().min(1).max(4_000_000).default(1_000_000),
  /** Bound on one node, which is gone through when one of its signals changes. */
  max_node_signals: z.int().min(1).max(1_000).default(64),
  /** Bound on one operator, so that no single one can fill the picture and shut the others out. */
  max_operator_signals: z.int().min(1).max(4_000_000).optional(),
});

/**
 * Configuration of `createNetworkState`; absent fields take their defaults, unknown ones are refused.
 *
 * - `scoring`, `weights`, `max_operator_weight`, `global_quorum`: see `ScoringOptions`. A
 *   `global_quorum` of 1 gives up corroboration.
 * - `ttl_ms` (300,000), `hold_ms` (60,000), `max_future_ms` (10,000): milliseconds, at most a day
 * - `expected_reporters` ([]): node ids whose silence makes the network UNKNOWN
 * - `max_live_signals` (1,000,000): signals held at once; `max_node_signals` (64): of one node;
 *   `max_operator_signals` (a tenth of `max_live_signals`, at least 64): of one operator
 */
export type NetworkConfig = Readonly<z.input<typeof networkConfigSchema>>;

/** Fills in the defaults. */
export function networkSettings(config: NetworkConfig) {
  const settings = parseConfig(networkConfigSchema, config);
  const { max_live_signals, max_operator_signals = operatorShare(max_live_signals) } = settings;
  return Object.freeze({ ...settings, max_operator_signals });
}

/** Configuration with its defaults. */
export type NetworkSettings = ReturnType<typeof networkSettings>;

const operatorShare = (all: number): number => Math.max(64, Math.ceil(all / 10));
