/** Canonical form: RFC 8785 (JCS) of a plain JSON value (contract v3, section 6). */
import { ContractError } from "../errors.js";
import { hasNoncharacter } from "./text.js";
import { tooLarge, writeCanonical } from "./canonical-writer.js";
import { sortedCopy } from "./fast/canonical-copy.js";
import { isOverPayloadLimit } from "./text.js";

/** An escape that JSON.stringify writes for lone surrogates, and for a backslash before `ud`. */
const SURROGATE_ESCAPE = "\\ud";

/**
 * The RFC 8785 canonical text of a plain value: keys in UTF-16 order, no white space, numbers as
 * ECMAScript writes them. It checks the value as strictly as `parseStrictJson` checks text.
 *
 * @param value plain objects and arrays, strings, booleans, null and finite numbers; properties that
 * symbols name are no part of it, as they are none of JSON
 * @throws ContractError `not_plain` (accessor, class instance, sparse array, undefined, bigint,
 * function, symbol as a value, a proxy that throws, an object of another realm), `cycle`, `depth_exceeded`, `bad_number`,
 * `lone_surrogate`, `noncharacter`, `forbidden_key`, `payload_too_large`
 * @example canonicalize({ b: [1, 0.5], a: "x" }) // '{"a":"x","b":[1,0.5]}'
 */
export function canonicalize(value: unknown): string {
  try {
    const text = stringifySorted(value) ?? writeCanonical(value);
    if (isOverPayloadLimit(text)) throw tooLarge();
    return text;
  } catch (error) {
    if (error instanceof ContractError) throw error;
    throw new ContractError("not_plain", "", "the value throws when it is read");
  }
}

/** Writes the canonical text by JSON.stringify; undefined where that may not be right. */
function stringifySorted(value: unknown): string | undefined {
  const copy = sortedCopy(value);
  if (copy === undefined) return undefined;
  const text = JSON.stringify(copy);
  return text.includes(SURROGATE_ESCAPE) || hasNoncharacter(text) ? undefined : text;
}
