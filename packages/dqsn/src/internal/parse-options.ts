/** Parses configurations and options with a schema, own properties alone. */
import { parseOwn } from "@dgb-shield/contract";
import type { z } from "zod";
import { DqsnConfigError } from "../errors.js";

/** Containers inside each other, and entries of one, that a configuration may have. */
const CONFIG_BOUNDS = Object.freeze({ maxDepth: 4, maxEntries: 200_000 });

/**
 * Parses a configuration with a schema, own properties alone. An undefined field is an absent one.
 *
 * @returns the configuration, its objects without prototypes
 * @throws DqsnConfigError `invalid_config` with the path of the first error
 */
export function parseOptions<S extends z.ZodType>(schema: S, config: unknown): z.output<S> {
  const read = parseOwn(schema, withoutUndefined(config), CONFIG_BOUNDS);
  if (read.ok) return read.value;
  throw new DqsnConfigError("invalid_config", read.path, "invalid DQSN configuration");
}

function withoutUndefined(config: unknown): unknown {
  if (typeof config !== "object" || config === null || Array.isArray(config)) return config;
  const given = Object.entries(config).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([key, value]) => [key, withoutUndefined(value)]));
}
