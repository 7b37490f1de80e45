/** Checks the options of every factory of this package. */
import { firstErrorPath, wordSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { BridgeError } from "../errors.js";
import type { Timers } from "../ports.js";
import { ownOf } from "./own.js";
import { ignoreErrors } from "./with-timeout.js";

/** Longest time that a timer of Node can wait, in milliseconds. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

export const functionSchema = z.custom((value) => typeof value === "function", "not a function");

export const timersSchema = z.looseObject({ soon: functionSchema, after: functionSchema });

export const sinkSchema = z.looseObject({
  name: wordSchema,
  write: functionSchema,
  close: functionSchema.optional(),
});

/**
 * Checks options and fills in what is absent; options that are not own properties are absent.
 *
 * @throws BridgeError `invalid_config` with the path of the first offence and the rule that it breaks
 */
export function parseOptions<T extends z.ZodType>(schema: T, options: unknown): z.output<T> {
  const isObject = typeof options === "object" && options !== null && !Array.isArray(options);
  const parsed = schema.safeParse(isObject ? ownOf(options) : options);
  if (parsed.success) return ownOf(parsed.data as object) as z.output<T>;
  const rule = parsed.error.issues[0]?.message ?? "Invalid input";
  // [THROW invalid_config] an option is unknown, missing or out of range, or two sinks have one name
  throw new BridgeError("invalid_config", firstErrorPath(parsed.error), `invalid option: ${rule}`);
}

/**
 * Checks that names of sinks are unique: they label the counters.
 *
 * @throws BridgeError `invalid_config`
 */
export function checkNames(sinks: readonly { readonly name: string }[]): void {
  const names = sinks.map(({ name }) => name);
  const twice = names.findIndex((name, at) => names.indexOf(name) < at);
  if (twice < 0) return;
  throw new BridgeError("invalid_config", `/sinks/${twice}/name`, "two sinks of one name");
}

/** Wraps timers whose returned values may be promises that reject; what they throw is thrown. */
export function guardTimers(timers: Timers): Timers {
  return Object.freeze({
    soon(task: () => void): void {
      const answer: unknown = timers.soon(task);
      ignoreErrors(() => answer);
    },
    after(ms: number, task: () => void): () => void {
      const cancel: unknown = timers.after(ms, task);
      ignoreErrors(() => cancel);
      return () => ignoreErrors(() => (cancel as () => unknown)());
    },
  });
}
