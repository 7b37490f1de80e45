/** JSON Pointers (RFC 6901): escaping, joining, bounding, and the pointer of a schema's first error. */
import type { z } from "zod";
import { LIMITS } from "../limits.js";

/**
 * Appends one part to a pointer.
 *
 * @param path the pointer of the value that holds the part
 * @param part a key or an index; a symbol has no place in JSON and becomes `?`
 */
export const childPointer = (path: string, part: PropertyKey): string =>
  `${path}/${(typeof part === "symbol" ? "?" : String(part)).replaceAll("~", "~0").replaceAll("/", "~1")}`;

/**
 * Joins the parts of a path to a JSON Pointer, with the escapes of RFC 6901.
 *
 * @param parts keys and indices from the outside in; a symbol becomes `?`
 * @param base the pointer that they continue; `""`, the whole value, by default
 * @example pointer(["a/b", 0]) // "/a~1b/0"
 */
export const pointer = (parts: readonly PropertyKey[], base = ""): string =>
  parts.reduce<string>(childPointer, base);

/**
 * Cuts a pointer to `LIMITS.maxPath` characters and replaces lone surrogates, so that any answer can carry it.
 *
 * @param path a pointer with keys from outside in it
 */
export const boundedPointer = (path: string): string =>
  path.slice(0, LIMITS.maxPath).toWellFormed();

/**
 * The JSON Pointer of the first issue in a zod error. An unknown key is named itself; of several, the
 * first in UTF-16 order, so that the answer does not depend on the order of keys.
 *
 * @param error what `safeParse` gave; `""` where it has no issue
 * @example firstErrorPath(z.strictObject({}).safeParse({ a: 1 }).error) // "/a"
 */
export function firstErrorPath(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return "";
  const extra = issue.code === "unrecognized_keys" ? [...issue.keys].sort().slice(0, 1) : [];
  return pointer([...issue.path, ...extra]);
}
