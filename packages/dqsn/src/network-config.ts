/** Configuration of the live network picture (DQSN v2, section 2). */
import { idSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { SCORINGS } from "./scoring.js";

const DAY_MS = 86_400_000;

const weightSchema = z.number().min(0.000001).max(1_000);

export const networkConfigSchema = z.strictObject({
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
  /** Bound of memory: signals held, one per node, source and type. */
  max_live_signals: z.int().min(1).max(10_000_000).default(1_000_000),
});

/**
 * Configuration of `createNetworkState`; absent fields take their defaults, unknown ones are refused.
 *
 * - `scoring`, `weights`, `max_operator_weight`, `global_quorum`: see `ScoringOptions`. A
 *   `global_quorum` of 1 gives up corroboration.
 * - `ttl_ms` (300,000), `hold_ms` (60,000), `max_future_ms` (10,000): milliseconds, at most a day
 * - `expected_reporters` ([]): node ids whose silence makes the network UNKNOWN
 * - `max_live_signals` (1,000,000): signals held at once
 */
export type NetworkConfig = Readonly<z.input<typeof networkConfigSchema>>;
