/** Configuration of a defence node, each value with its unit and default (design: layer 3). */
import { idSchema, offencePath } from "@dgb-shield/contract";
import { z } from "zod";
import { AdnError } from "./errors.js";
import { readPlain } from "./internal/plain.js";
import { defenseSnapshotSchema } from "./model.js";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** How long events without an expiry of their own count, unless they are renewed. */
export const DEFAULT_EVENT_TTL_MS = 10 * MINUTE_MS;

const thresholdSchema = z.number().gt(0).max(1);
const durationSchema = z
  .int()
  .min(0)
  .max(30 * DAY_MS);

/** Configuration; absent fields take the documented defaults, unknown ones are refused. */
export const defenseNodeConfigSchema = z
  .strictObject({
    node_id: idSchema,
    /** Severities from which the node is locked down. */
    thresholds: z
      .strictObject({
        partial: thresholdSchema.default(0.5),
        full: thresholdSchema.default(0.75),
      })
      .prefault({}),
    /** How long a cause still counts after it has ended. */
    hold_ms: durationSchema.default(5 * MINUTE_MS),
    /** How long the node's own findings (a malformed event) count, unless they recur. */
    event_ttl_ms: durationSchema.min(1).default(DEFAULT_EVENT_TTL_MS),
    /** Longest time an event that is not latched counts without renewal. */
    max_event_ttl_ms: durationSchema.min(1).default(DAY_MS),
    /** Longest time an operator can order a state for. */
    max_override_ms: durationSchema.min(1).default(DAY_MS),
    /** What `snapshot()` gave before a restart. */
    snapshot: defenseSnapshotSchema.optional(),
  })
  .refine(({ thresholds }) => thresholds.partial <= thresholds.full, {
    path: ["thresholds", "full"],
    message: "below thresholds.partial",
  })
  .refine(({ node_id, snapshot }) => snapshot === undefined || snapshot.node_id === node_id, {
    path: ["snapshot", "node_id"],
    message: "another node's snapshot",
  });

/** A complete configuration. */
export type DefenseNodeConfig = Readonly<z.output<typeof defenseNodeConfigSchema>>;

/** A configuration as it is written. */
export type DefenseNodeConfigInput = Readonly<z.input<typeof defenseNodeConfigSchema>>;

/**
 * Reads a configuration.
 *
 * @throws AdnError `invalid_config` with the path of the first offending field
 */
export function parseConfig(config: unknown): DefenseNodeConfig {
  const plain = readPlain(config);
  if (!plain.ok) throw new AdnError("invalid_config", plain.path);
  const parsed = defenseNodeConfigSchema.safeParse(plain.value);
  if (!parsed.success) throw new AdnError("invalid_config", offencePath(parsed.error));
  return parsed.data;
}
