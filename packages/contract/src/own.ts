/** Reads a value from outside by a schema, own properties alone (contract v3, section 8). */
import type { z } from "zod";
import { offencePath } from "./envelope.js";
import { withoutPrototypes } from "./internal/own.js";
import { type PlainBounds, type Read, readPlain } from "./plain.js";

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
 * @param value anything; it is read once, as `readPlain` reads it
 * @param bounds containers inside each other, and entries of one container
 * @returns the value, or the JSON Pointer of the first offence; never throws
 * @example parseOwn(z.strictObject({ a: z.int() }), { a: 1 }, { max_depth: 2, max_entries: 8 }) // { ok: true, value: { a: 1 } }
 */
export function parseOwn<S extends z.ZodType>(
  schema: S,
  value: unknown,
  bounds: PlainBounds,
): Read<z.output<S>> {
  const plain = readPlain(value, bounds);
  if (!plain.ok) return plain;
  try {
    const parsed = schema.safeParse(plain.value, PARSE_CONTEXT);
    return parsed.success
      ? { ok: true, value: withoutPrototypes(parsed.data) }
      : { ok: false, path: offencePath(parsed.error) };
  } catch {
    return { ok: false, path: "" };
  }
}
