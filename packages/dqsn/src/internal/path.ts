/** The path in an ERROR response: a JSON Pointer that is safe to log. */
import { LIMITS } from "@dgb-shield/contract";

const PRINTABLE_ASCII = /^[\u0020-\u007e]*$/;

/**
 * The longest leading part of a JSON Pointer that is printable ASCII and at most 256 characters:
 * the offending field, or the nearest one around it that can be named.
 */
export function shortPath(path: string): string {
  let short = "";
  for (const token of path.split("/").slice(1)) {
    const longer = `${short}/${token}`;
    if (longer.length > LIMITS.maxPath || !PRINTABLE_ASCII.test(token)) break;
    short = longer;
  }
  return short;
}
