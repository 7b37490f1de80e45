/** Thresholds of what a node is given beside events: Guardian's events and telemetry (design, section 6). */
import { z } from "zod";
import { sealed } from "../internal/frozen.js";

const countSchema = z.int().min(1).max(1_000_000_000);

/**
 * Thresholds, each with its unit. What depends on the chain has no default, and is not judged without one.
 *
 * Rates of false alarms, a year. `max_refused_payments`: where payments are refused independently of each other, at most 432 a day (3 in a window), 20 in
 * one window have the probability 8 × 10⁻¹¹ (Poisson), so less than 10⁻⁴ over some 10⁶ overlapping windows; refusals that risk itself caused are not counted.
 * `min_peers`: where each of 10 connections is down for itself 5 % of the time, fewer than 4 are up with a probability of 8 × 10⁻⁸ a sample, so
 * 0.2 at one sample every 15 s. `max_stalled_spacings`: blocks come at random, so that 20 spacings pass without one with a probability of e⁻²⁰ a
 * block: 0.004 at 15 s, 0.0001 at 600 s. The thresholds for RPC calls are no statistics: a client with a stale password that tries every 30 s is at 20 in a window.
 */
export const inputsConfigSchema = sealed(
  z.strictObject({
    /** Milliseconds over which is counted. */
    window_ms: z.int().min(60_000).max(3_600_000).default(600_000),
    /** Payments that Guardian refuses or delays for their own sake. */
    max_refused_payments: countSchema.default(20),
    /** Freezes that breaches cause, and frozen scopes that are asked again and again. */
    max_freezes: countSchema.default(3),
    /** Fewest connections to peers. */
    min_peers: z.int().min(0).max(1_000).default(4),
    /** Most bytes of the mempool; no default. */
    max_mempool_bytes: countSchema.optional(),
    /** Milliseconds between two blocks, on average; no default. */
    spacing_ms: z.int().min(1_000).max(3_600_000).optional(),
    /** Spacings without a new height. */
    max_stalled_spacings: z.int().min(5).max(1_000).default(20),
    /** Calls of all clients. */
    max_rpc_calls: countSchema.default(60_000),
    /** Calls that were refused for what they are: an unknown method, another role's, an export of keys. */
    max_rpc_refused: countSchema.default(200),
    /** Calls with wrong credentials. */
    max_rpc_unauthorized: countSchema.default(20),
  }),
);
/** Thresholds with their defaults. */
export type InputsConfig = Readonly<z.output<typeof inputsConfigSchema>>;
