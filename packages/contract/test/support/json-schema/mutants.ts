/** Values one step away from a valid one: at every place another value, a field less, a field more. */
import type { JsonObject, JsonValue } from "../../../src/index.js";

/** A changed value, where it was changed, and what stands there now. */
export type Mutant = Readonly<{ path: string; value: JsonValue; whole: JsonValue }>;

/** One character of two UTF-16 units. */
const ASTRAL = "\u{1F6E1}";

/** Values that some field may be right with, just right with, or just wrong with. */
const STRANGERS: readonly JsonValue[] = [
  ...[null, true, false, 0, -0, 1, 2, 3, 4, -1, 0.5, 1.000001, 5e-324, 1e-9, 1e308, 64, 65],
  ...[2 ** 53 - 1, 2 ** 53, 2 ** 53 + 2, -(2 ** 53), 0.1 + 0.2, 12.123456789],
  ...["", " ", "x", " x", "x ", "x\n", "\u0000", "a\u0007b", "\u00a0x", "\ufeffx", "\ud800", "é"],
  ...["0", "-0", "1.5", "1.123456789", "01", "1e3", "+1", " 1", "9".repeat(30)],
  ...["a", "A", "a_b", "A_B", "_a", "1a", "ABC", "dqsn", "sentinel", "ALLOW", "allow", "LOW"],
  ...["a".repeat(64), "a".repeat(65), "A".repeat(128), "A".repeat(129), "f".repeat(64)],
  ...["F".repeat(64), "a".repeat(256), "a".repeat(257), "a".repeat(512), "a".repeat(513)],
  ...[ASTRAL, ASTRAL.repeat(128), ASTRAL.repeat(129), ASTRAL.repeat(256), ASTRAL.repeat(257)],
  ...[ASTRAL.repeat(512), ASTRAL.repeat(513), `a${"\u0301".repeat(127)}`],
  ...[[], [null], ["a"], ["A"], ["a", "a"], {}, { a: 1 }, [[]], [{}]],
];
const MANY = [64, 65, 1_024, 1_025];
/** An own property of the name, as JSON.parse makes it. */
const PROTO = JSON.parse('{"__proto__": 1}') as JsonObject;

/** All values one step away from `sample`. */
export function mutantsOf(sample: JsonValue): Mutant[] {
  return placesOf(sample, "").flatMap(({ path, value, put }) => [
    ...STRANGERS.map((stranger) => ({ path, value: stranger, whole: put(stranger) })),
    ...variantsOf(value).map((variant) => ({ path, value: variant, whole: put(variant) })),
  ]);
}

type Place = Readonly<{ path: string; value: JsonValue; put: (value: JsonValue) => JsonValue }>;

function placesOf(value: JsonValue, path: string): Place[] {
  const here: Place = { path, value, put: (other) => other };
  if (typeof value !== "object" || value === null) return [here];
  const below = Object.entries(value).flatMap(([key, item]) =>
    placesOf(item, `${path}/${key}`).map((place) => ({
      ...place,
      put: (other: JsonValue) => replaced(value, key, place.put(other)),
    })),
  );
  return [here, ...below];
}

function replaced(value: JsonObject | JsonValue[], key: string, item: JsonValue): JsonValue {
  if (!Array.isArray(value)) return { ...value, [key]: item };
  return value.map((old, index) => (String(index) === key ? item : old));
}

function variantsOf(value: JsonValue): JsonValue[] {
  if (typeof value === "string") return [`${value} `, `${value}\n`, value.toUpperCase()];
  if (Array.isArray(value)) return MANY.map((n) => Array.from({ length: n }, () => value[0] ?? 0));
  if (typeof value !== "object" || value === null) return [];
  const without = Object.keys(value).map((key) =>
    Object.fromEntries(Object.entries(value).filter(([other]) => other !== key)),
  );
  const named = Object.defineProperties({ ...value }, Object.getOwnPropertyDescriptors(PROTO));
  return [...without, { ...value, unknown: 1 }, named];
}
