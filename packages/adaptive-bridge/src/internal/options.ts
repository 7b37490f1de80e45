/** How every factory of this package checks its options. */
import { firstErrorPath, wordSchema } from "@dgb-shield/contract";
import { z } from "zod";
import { BridgeError } from "../errors.js";
import { ownOf } from "./own.js";

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
  throw new BridgeError("invalid_config", firstErrorPath(parsed.error), `invalid option: ${rule}`);
}

/** Throws where two sinks have one name: it labels their counters. */
export function checkNames(sinks: readonly { readonly name: string }[]): void {
  const names = sinks.map(({ name }) => name);
  const twice = names.findIndex((name, at) => names.indexOf(name) < at);
  if (twice < 0) return;
  throw new BridgeError("invalid_config", `/sinks/${twice}/name`, "two sinks of one name");
}
