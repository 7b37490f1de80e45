/** Judges an answer by what a vector expects. */
import { ownData, ownMember } from "../internal/own.js";
import { childPointer } from "../json/pointer.js";
import type { JsonValue } from "../json/value.js";
import type { VectorCase } from "./format.js";

const MAX_SHOWN = 120;

/**
 * What is wrong with an answer. Every member that the case expects must be there and equal, arrays
 * item by item; other members are ignored, unless the case is `exact`.
 *
 * @param expected `expect` and `exact` of a case
 * @param answer of the implementation
 * @returns the first difference, with its JSON Pointer; undefined when the answer passes
 * @example judge({ expect: { ok: true } }, { ok: false }) // "/ok: expected true, got false"
 */
export function judge(
  expected: Pick<VectorCase, "expect" | "exact">,
  answer: unknown,
): string | undefined {
  const exact = ownMember(expected, "exact") === true;
  return difference(expected.expect, answer, { path: "", exact });
}

type Place = Readonly<{ path: string; exact: boolean }>;

function difference(expected: JsonValue, actual: unknown, place: Place): string | undefined {
  if (typeof expected !== "object" || expected === null) {
    return expected === actual ? undefined : mismatch(expected, actual, place);
  }
  if (typeof actual !== "object" || actual === null) return mismatch(expected, actual, place);
  if (Array.isArray(expected) !== Array.isArray(actual)) return mismatch(expected, actual, place);
  return inMembers(expected, actual, place) ?? unexpectedMember(expected, actual, place);
}

function inMembers(expected: object, actual: object, place: Place): string | undefined {
  for (const [key, value] of Object.entries(expected) as [string, JsonValue][]) {
    const inner = { ...place, path: childPointer(place.path, key) };
    const found = ownData(actual, key)?.value;
    const wrong = difference(value, found, inner);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function unexpectedMember(expected: object, actual: object, place: Place): string | undefined {
  if (!place.exact && !Array.isArray(expected)) return undefined;
  const key = Object.keys(actual).find((name) => !Object.hasOwn(expected, name));
  return key === undefined ? undefined : `${childPointer(place.path, key)}: not expected`;
}

const mismatch = (expected: unknown, actual: unknown, { path }: Place): string =>
  `${path === "" ? "answer" : path}: expected ${shown(expected)}, got ${shown(actual)}`;

function shown(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
