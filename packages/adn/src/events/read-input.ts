/** Reads what another layer reports; what cannot be read is a critical event. */
import {
  canonicalize,
  ContractError,
  offencePath,
  type Read,
  withoutPrototypes,
} from "@dgb-shield/contract";
import type { z } from "zod";

/**
 * What was read, or the JSON Pointer of the first offence. It is read once, by way of its canonical
 * text, which is bounded in bytes and has no prototype. Never throws.
 */
export function readInput<T>(schema: z.ZodType<T>, input: unknown): Read<T> {
  try {
    const parsed = schema.safeParse(withoutPrototypes(JSON.parse(canonicalize(input))));
    return parsed.success
      ? { ok: true, value: withoutPrototypes(parsed.data) }
      : { ok: false, path: offencePath(parsed.error) };
  } catch (error) {
    return { ok: false, path: error instanceof ContractError ? error.path : "" };
  }
}
