/** Configuration of a defense node, each value with its unit and default (design, section 6). */
import { DEFAULT_MAX_CLOCK_SKEW_MS, idSchema, parseOwn } from "@dgb-shield/contract";
import { z } from "zod";
import { AdnError } from "./errors.js";
import { sealed } from "./internal/frozen.js";
import { describeExpectation } from "./internal/expectation.js";
import { ownValue } from "./internal/own-data.js";
import { defenseSnapshotSchema } from "./memory/model.js";
import { offenceOf } from "./memory/restore.js";
import { inputsConfigSchema } from "./inputs/config.js";

/** Bounds of a configuration with a snapshot in it. */
const BOUNDS = Object.freeze({ maxDepth: 5, maxEntries: 512 });
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** Milliseconds that events without an expiry of their own count, unless they are renewed. */
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
      /** Milliseconds that a cause still counts after it has ended. */
      hold_ms: durationSchema.default(5 * MINUTE_MS),
      /** Milliseconds that the node's own findings (a malformed event) count, unless they recur. */
      event_ttl_ms: durationSchema.min(1).default(DEFAULT_EVENT_TTL_MS),
      /** Most milliseconds that an event which is not latched counts without renewal. */
      max_event_ttl_ms: durationSchema.min(1).default(DAY_MS),
      /** Most milliseconds that an operator can order a state for. */
      max_override_ms: durationSchema.min(1).default(DAY_MS),
      /** Milliseconds that the clock may step before it is not trusted. */
      max_clock_skew_ms: z.int().min(0).max(HOUR_MS).default(DEFAULT_MAX_CLOCK_SKEW_MS),
      /** Thresholds of `noteWithdrawals` and `noteTelemetry`. */
      inputs: inputsConfigSchema.prefault(() => Object.create(null) as object),
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
  const read = parseOwn(defenseNodeConfigSchema, config, BOUNDS);
  if (!read.ok) throw invalid(read.path, describeExpectation(read.path, config));
  const { snapshot, node_id } = read.value;
  if (snapshot === undefined) return read.value;
  const offence = offenceOf(snapshot, node_id);
  if (offence === undefined) return read.value;
  const version = ownValue(ownValue(config, "snapshot"), "snapshot_version");
  throw invalid(
    `/snapshot${offence.path}`,
    `${offence.detail} (snapshot version ${String(version)}); restore an unchanged snapshot`,
  );
}

// [THROW invalid_config] a field is unknown, missing or out of range, or the snapshot does not hold together
const invalid = (path: string, detail: string): AdnError =>
  new AdnError("invalid_config", path, detail);
