/** Configuration of the evaluation, and its fingerprint (contract v3, sections 5 and 6). */
import { canonicalHash, componentSchema, offencePath } from "@dgb-shield/contract";
import { z } from "zod";
import { DqsnConfigError } from "./errors.js";

/** What happens to a request with an invalid signal. */
export const INVALID_SIGNAL_POLICIES = ["reject_request", "count_as_block"] as const;

/** How the signals are carried on: whole, or as their count and hash. */
export const FORWARDS = ["full", "digest"] as const;
export type Forward = (typeof FORWARDS)[number];

const configSchema = z.strictObject({
  invalid_signal_policy: z.enum(INVALID_SIGNAL_POLICIES).default("reject_request"),
  forward: z.enum(FORWARDS).default("full"),
  allowed_components: z.array(componentSchema).min(1).optional(),
});

/**
 * Configuration of `createDqsn`. Its keys are data, because it is hashed.
 *
 * - `invalid_signal_policy`: `reject_request` (default) answers ERROR; `count_as_block` aggregates
 *   the valid signals and answers BLOCK.
 * - `forward`: `full` (default) carries the signals whole, `digest` their count and hash.
 * - `allowed_components`: a signal of any other component is invalid; absent, any may speak.
 */
export type DqsnConfig = Readonly<z.input<typeof configSchema>>;

/** Configuration with its defaults, and the hash of that. */
export type Settings = Readonly<{
  invalid_signal_policy: (typeof INVALID_SIGNAL_POLICIES)[number];
  forward: Forward;
  allowed_components?: ReadonlySet<string>;
  fingerprint: string;
}>;

/**
 * Fills in the defaults and takes the fingerprint: SHA-256 of the canonical effective configuration,
 * so that a default written out and a default left out are the same.
 *
 * @throws DqsnConfigError `invalid_config`
 */
export function resolveConfig(config: DqsnConfig): Settings {
  const { allowed_components, ...rest } = parseConfig(configSchema, config);
  if (allowed_components === undefined) return { ...rest, fingerprint: canonicalHash(rest) };
  const allowed = new Set(allowed_components);
  const fingerprint = canonicalHash({ ...rest, allowed_components: [...allowed].sort() });
  return { ...rest, allowed_components: allowed, fingerprint };
}

/**
 * Parses a configuration with a schema.
 *
 * @throws DqsnConfigError `invalid_config` with the path of the first offence
 */
export function parseConfig<S extends z.ZodType>(schema: S, config: unknown): z.output<S> {
  const parsed = schema.safeParse(config);
  if (parsed.success) return parsed.data;
  const path = offencePath(parsed.error);
  throw new DqsnConfigError("invalid_config", path, "invalid DQSN configuration", {
    cause: parsed.error,
  });
}
