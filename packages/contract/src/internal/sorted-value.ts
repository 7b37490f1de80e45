/** Canonical order of keys for values that a parser made, so that nothing in them can be hostile. */
import type { JsonObject, JsonValue } from "../json/value.js";
import { setOwn } from "./own.js";
import { isDigit, sortedKeys } from "../json/fast/canonical-copy.js";

/** A value whose objects had their keys added in UTF-16 order, and whether they have them in that order. */
export type Sorted = Readonly<{ value: JsonValue; isInOrder: boolean }>;

/** The same value with sorted keys; JavaScript puts integer-like ones first, whenever they were added. */
export function sortedValue(value: JsonValue): Sorted {
  let isInOrder = true;
  const sort = (part: JsonValue): JsonValue => {
    if (typeof part !== "object" || part === null) return part;
    if (Array.isArray(part)) return part.map(sort);
    const sorted: JsonObject = {};
    for (const key of sortedKeys(Object.keys(part))) {
      if (isDigit(key.charCodeAt(0))) isInOrder = false;
      setOwn(sorted, key, sort(part[key] as JsonValue));
    }
    return sorted;
  };
  const sorted = sort(value);
  return { value: sorted, isInOrder };
}
