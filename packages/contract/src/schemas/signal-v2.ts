/** The v2 signal: one observation of one reporter (DQSN v2, sections 2 and 6). */
import { frozen } from "../internal/frozen.js";
import type { z } from "zod";
import { oneOf, strictObject } from "./own-object.js";
import { idSchema, jsonObjectSchema, scoreSchema, timeMsSchema, wordSchema } from "./primitives.js";

/** Where a v2 signal may come from. */
export const SIGNAL_SOURCES = frozen(["sentinel", "adn", "wallet_guard", "oracle", "infra"]);
/** One of `SIGNAL_SOURCES`. */
export type SignalSource = (typeof SIGNAL_SOURCES)[number];

/** Risk channels of the network view. */
export const CHANNELS = frozen(["consensus", "mempool", "wallet", "infra"]);
/** One of `CHANNELS`. */
export type Channel = (typeof CHANNELS)[number];

/** A v2 signal; out-of-range or missing values are refused, not clamped. */
export const signalV2Schema = strictObject({
  node_id: idSchema,
  source: oneOf(SIGNAL_SOURCES),
  type: wordSchema,
  severity: scoreSchema,
  metadata: jsonObjectSchema.optional(),
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  observed_at: timeMsSchema.optional(),
  /** Who runs the node; a node without an operator is its own operator. */
  operator: idSchema.optional(),
});
/** What `signalV2Schema` accepts. */
export type SignalV2 = z.infer<typeof signalV2Schema>;
