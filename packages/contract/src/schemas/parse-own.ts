/** Reads untrusted values by a schema, own properties alone (contract v3, section 8). */
import type { z } from "zod";
import type { Result } from "../errors.js";
import { withoutPrototypes } from "../internal/own.js";
import { firstErrorPath } from "../json/pointer.js";
import { copyUntrusted, type PlainBounds } from "../json/untrusted-copy.js";

export { withoutPrototypes };

/** Each switch of a zod parse as an own property, so that none is read through a prototype. */
const PARSE_CONTEXT: z.core.ParseContext<z.core.$ZodIssue> = Object.freeze({
  error: undefined,
  reportInput: false,
  jitless: false,
  abortEarly: false,
  skipChecks: false,
  direction: "forward",
}) as object;

/**
 * Reads a value by a schema: takes a plain copy, checks it, and gives what the schema makes of it as
 * objects without a prototype, so that an absent optional member is absent whatever `Object.prototype` has.
 *
 * @param schema a synchronous zod schema
 * @param value anything; it is read once, as `copyUntrusted` reads it
 * @param bounds containers inside each other, and entries of one container
 * @returns the value, or the code and JSON Pointer of the first error; never throws
 * @example parseOwn(z.strictObject({ a: z.int() }), { a: 1 }, { maxDepth: 2, maxEntries: 8 }) // { ok: true, value: { a: 1 } }
 */
export function parseOwn<S extends z.ZodType>(
  schema: S,
  value: unknown,
  bounds: PlainBounds,
): Result<z.output<S>, "not_plain" | "invalid_value"> {
  const plain = copyUntrusted(value, bounds);
  if (!plain.ok) return plain;
  try {
    const parsed = schema.safeParse(plain.value, PARSE_CONTEXT);
    return parsed.success
      ? { ok: true, value: withoutPrototypes(parsed.data) }
      : { ok: false, code: "invalid_value", path: firstErrorPath(parsed.error) };
  } catch {
    return { ok: false, code: "invalid_value", path: "" };
  }
}
