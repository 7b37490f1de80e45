/** Configuration of a defence node, each value with its unit and default (design: layer 3). */
import { DEFAULT_MAX_CLOCK_SKEW_MS, idSchema, parseOwn } from "@dgb-shield/contract";
import { z } from "zod";
import { AdnError } from "./errors.js";
import { sealed } from "./internal/frozen.js";
import { describeOffence } from "./internal/offence.js";
import { CONFIG_BOUNDS, ownValue } from "./internal/plain.js";
import { defenseSnapshotSchema } from "./memory/model.js";
import { offenceOf } from "./memory/restore.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** How long events without an expiry of their own count, unless they are renewed. */
export const DEFAULT_EVENT_TTL_MS = 10 * MINUTE_MS;

const thresholdSchema = z.number().gt(0).max(1);
const durationSchema = z
  .int()
  .min(0)
  .max(30 * DAY_MS);

/** Configuration; absent fields take the documented defaults, unknown ones are refused. */
export const defenseNodeConfigSchema = sealed(
  z
    .strictObject({
      node_id: idSchema,
      /** Severities from which the node is locked down. */
      thresholds: sealed(
        z.strictObject({
          partial: thresholdSchema.default(0.5),
          full: thresholdSchema.default(0.75),
        }),
        // An object that inherits nothing: the schema library takes inherited members for unknown fields.
      ).prefault(() => Object.create(null) as object),
      /** How long a cause still counts after it has ended. */
      hold_ms: durationSchema.default(5 * MINUTE_MS),
      /** How long the node's own findings (a malformed event) count, unless they recur. */
      event_ttl_ms: durationSchema.min(1).default(DEFAULT_EVENT_TTL_MS),
      /** Longest time an event that is not latched counts without renewal. */
      max_event_ttl_ms: durationSchema.min(1).default(DAY_MS),
      /** Longest time an operator can order a state for. */
      max_override_ms: durationSchema.min(1).default(DAY_MS),
      /** How far the clock may step before it is not trusted. */
      max_clock_skew_ms: z.int().min(0).max(HOUR_MS).default(DEFAULT_MAX_CLOCK_SKEW_MS),
      /** What `snapshot()` gave before a restart. */
      snapshot: defenseSnapshotSchema.optional(),
    })
    .refine(({ thresholds }) => thresholds.partial <= thresholds.full, {
      path: ["thresholds", "full"],
      message: "below thresholds.partial",
    }),
);

/** A complete configuration. */
export type DefenseNodeConfig = Readonly<z.output<typeof defenseNodeConfigSchema>>;

/** A configuration as it is written. */
export type DefenseNodeConfigInput = Readonly<z.input<typeof defenseNodeConfigSchema>>;

/**
 * Reads a configuration, and checks the snapshot in it as a whole.
 *
 * @throws AdnError `invalid_config` with the path of the first offending field
 */
export function parseConfig(config: unknown): DefenseNodeConfig {
  const read = parseOwn(defenseNodeConfigSchema, config, CONFIG_BOUNDS);
  if (!read.ok) throw invalid(read.path, describeOffence(read.path, config));
  const { snapshot, node_id } = read.value;
  if (snapshot === undefined) return read.value;
  const offence = offenceOf(snapshot, node_id);
  if (offence === undefined) return read.value;
  const version = ownValue(ownValue(config, "snapshot"), "snapshot_version");
  throw invalid(
    `/snapshot${offence.path}`,
    `/snapshot${offence.path}: ${offence.detail} (snapshot version ${String(version)}); restore an unchanged snapshot`,
  );
}

const invalid = (path: string, detail: string): AdnError =>
  new AdnError("invalid_config", path, detail);
