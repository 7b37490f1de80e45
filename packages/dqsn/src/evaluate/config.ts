/** Configuration of the evaluation, and its fingerprint (design section 4.1). */
import { canonicalHash, componentSchema, withoutPrototypes } from "@dgb-shield/contract";
import { z } from "zod";
import { parseOptions } from "../internal/parse-options.js";

/** The policies for a request with an invalid signal. */
export const INVALID_SIGNAL_POLICIES = Object.freeze(["reject_request", "count_as_block"] as const);

/** The forms in which signals are forwarded: whole, or as their count and hash. */
export const FORWARDS = Object.freeze(["full", "digest"] as const);
/** A form of forwarding. */
export type Forward = (typeof FORWARDS)[number];

/** Most allowed components. */
const MAX_ALLOWED_COMPONENTS = 10_000;

const configSchema = z.strictObject({
  invalid_signal_policy: z.enum(INVALID_SIGNAL_POLICIES).default("reject_request"),
  forward: z.enum(FORWARDS).default("full"),
  allowed_components: z.array(componentSchema).min(1).max(MAX_ALLOWED_COMPONENTS).optional(),
});

/**
 * Configuration of `createDqsn`. Its keys are data, because it is hashed.
 *
 * - `invalid_signal_policy`: `reject_request` (default) answers ERROR; `count_as_block` aggregates
 *   the valid signals and answers BLOCK.
 * - `forward`: `full` (default) carries the signals whole, `digest` their count and hash.
 * - `allowed_components`: 1–10,000; a signal of any other component is invalid. Absent, any is valid.
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
export function parseConfig(config: DqsnConfig): Settings {
  const { invalid_signal_policy, forward, allowed_components } = parseOptions(configSchema, config);
  const rest = { invalid_signal_policy, forward };
  if (allowed_components === undefined)
    return settings({ ...rest, fingerprint: canonicalHash(rest) });
  const allowed = new Set(allowed_components);
  const fingerprint = canonicalHash({ ...rest, allowed_components: [...allowed].sort() });
  return settings({ ...rest, allowed_components: allowed, fingerprint });
}

/** Settings without a prototype: an absent field is absent whatever `Object.prototype` has. */
const settings = (of: Settings): Settings => Object.freeze(withoutPrototypes(of));
