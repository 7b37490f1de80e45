/** Describes what a schema rejects: the rule, the kind of the value, and for a time what it should be. */
import { type PlainBounds, copyUntrusted } from "@dgb-shield/contract";
import type { z } from "zod";

/** Longest text about one error. */
const MAX_TEXT = 256;

/** How much of the value is read again. */
const BOUNDS: PlainBounds = { maxDepth: 32, maxEntries: 100_000 };

const NOT_PLAIN = "not plain data (objects, arrays, strings, numbers, booleans, null)";

/**
 * Describes what is wrong with a value that a schema rejected.
 *
 * @param path JSON Pointer of the first error, as the schema gave it
 * @returns for example `Invalid input: expected boolean, received string`; never throws
 */
export function errorText(schema: z.ZodType, value: unknown, path: string): string {
  try {
    const plain = copyUntrusted(value, BOUNDS);
    if (!plain.ok) return NOT_PLAIN;
    const issue = schema.safeParse(plain.value).error?.issues[0];
    return issue === undefined ? `refused at ${path}` : clipped(issue.message);
  } catch {
    return "cannot be read";
  }
}

const clipped = (text: string): string => text.slice(0, MAX_TEXT).toWellFormed();
