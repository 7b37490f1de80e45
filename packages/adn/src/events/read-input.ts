/** Reads what another layer reports; what cannot be read is a critical event. */
import {
  canonicalize,
  ContractError,
  firstErrorPath,
  type Result,
  withoutPrototypes,
} from "@dgb-shield/contract";
import type { z } from "zod";

/**
 * What was read, or the code and JSON Pointer of the first error. It is read once, by way of its canonical
 * text, which is bounded in bytes and has no prototype. Never throws.
 */
export function readInput<T>(schema: z.ZodType<T>, input: unknown): Result<T> {
  try {
    const parsed = schema.safeParse(withoutPrototypes(JSON.parse(canonicalize(input))));
    return parsed.success
      ? { ok: true, value: withoutPrototypes(parsed.data) }
      : { ok: false, code: "invalid_value", path: firstErrorPath(parsed.error) };
  } catch (error) {
    return error instanceof ContractError
      ? { ok: false, code: error.code, path: error.path }
      : { ok: false, code: "not_plain", path: "" };
  }
}
