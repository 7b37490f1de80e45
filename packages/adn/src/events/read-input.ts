/** Reads what another layer says; what cannot be read is a critical event. */
import { offencePath } from "@dgb-shield/contract";
import type { z } from "zod";

/** What was read, or the JSON Pointer of the first offence. Never throws. */
export function readInput<T>(
  schema: z.ZodType<T>,
  input: unknown,
): Readonly<{ ok: true; value: T } | { ok: false; path: string }> {
  try {
    const parsed = schema.safeParse(input);
    if (parsed.success) return { ok: true, value: parsed.data };
    return { ok: false, path: offencePath(parsed.error) };
  } catch {
    return { ok: false, path: "" };
  }
}
