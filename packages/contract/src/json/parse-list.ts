/** Strict JSON whose top level holds a list, with the canonical text of each item of it (contract v3, section 6). */
import { canonicalize } from "./canonical.js";
import { canonicalSlices } from "./fast/canonical-slices.js";
import { tooLarge } from "./canonical-writer.js";
import { isToJsonDefined, type Sorted, sortedStrict, sortedValue } from "./fast/canonical-copy.js";
import { looseValue, strictText } from "./parse-strict.js";
import { readJson } from "./reader.js";
import type { JsonValue } from "./value.js";
import { isOverPayloadLimit } from "./text.js";

/** A parsed text, with access to the canonical text of each item of its list. */
export type ParsedList = Readonly<{
  /** The value, with keys in canonical order (integer-like keys first, as JavaScript has them). */
  value: JsonValue;
  /**
   * The canonical text of an item.
   *
   * @throws ContractError `payload_too_large`
   * @throws RangeError where the list, if there is one, has no such item
   */
  itemText: (index: number) => string;
}>;

/**
 * Parses strict JSON as `parseStrictJson` does, and gives what `canonicalize` gives for each item of
 * one list in it: where the text is canonical already, as a part of it, without writing it again.
 *
 * @param input text, or its UTF-8 bytes
 * @param list the key of the list, an array that is a member of the object at the top
 * @throws ContractError where `parseStrictJson` does
 * @example parseJsonList('{"signals":[{"b":1,"a":2}]}', "signals").itemText(0) // '{"a":2,"b":1}'
 */
export function parseJsonList(input: string | Uint8Array, list: string): ParsedList {
  const text = strictText(input);
  const loose = looseValue(text);
  if (loose === undefined) return sortedList(sortedByReader(text), list);
  const slices = canonicalSlices(text, loose, list);
  return slices === undefined
    ? sortedList(sortedStrict(text, loose) ?? sortedByReader(text), list)
    : canonicalList(text, loose, slices);
}

function canonicalList(text: string, value: JsonValue, slices: readonly number[]): ParsedList {
  const itemText = (index: number): string => {
    return isIndexBelow(slices.length / 2, index)
      ? text.slice(slices[2 * index], slices[2 * index + 1])
      : noSuchItem(index);
  };
  return { value, itemText };
}

/** The way of the reader: where the text is not strict, it throws. */
function sortedByReader(text: string): Sorted {
  return sortedValue(readJson(text));
}

function sortedList(sorted: Sorted, list: string): ParsedList {
  const items = listIn(sorted.value, list);
  const write = (item: JsonValue): string =>
    sorted.isInOrder && !isToJsonDefined() ? stringify(item) : canonicalize(item);
  const itemText = (index: number): string => {
    return isIndexBelow(items.length, index) ? write(items[index] as JsonValue) : noSuchItem(index);
  };
  return { value: sorted.value, itemText };
}

function listIn(value: JsonValue, list: string): readonly JsonValue[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  const items = Object.hasOwn(value, list) ? value[list] : undefined;
  return Array.isArray(items) ? items : [];
}

/** Whether it is an index of a list of that length; what lies beyond, a list may inherit. */
const isIndexBelow = (length: number, index: number): boolean =>
  Number.isInteger(index) && index >= 0 && index < length;

function noSuchItem(index: number): never {
  throw new RangeError(`the list has no item ${index}`);
}

function stringify(value: JsonValue): string {
  const text = JSON.stringify(value);
  if (isOverPayloadLimit(text)) throw tooLarge();
  return text;
}
