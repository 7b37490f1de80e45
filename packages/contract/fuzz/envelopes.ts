/** Values that are an envelope, or nearly one, for the rules that are written down twice. */
import { envelopeSchema, isEnvelope, type JsonObject, type JsonValue } from "../src/index.js";
import { request } from "../bench/sample.js";
import type { Random } from "@dgb-shield/testkit/random";

const SAMPLES = request(3).signals as unknown as JsonObject[];

const WORDS = [
  "",
  "a",
  "A",
  "a_9",
  "9",
  "ALLOW",
  "ERROR",
  "allow",
  "LOW",
  "CRITICAL",
  "a".repeat(64),
  "a".repeat(65),
  "A".repeat(128),
  "A".repeat(129),
  "0".repeat(64),
  "0".repeat(63),
  "F".repeat(64),
  "x".repeat(129),
  "😀".repeat(128),
  "😀".repeat(129),
  " a",
  "a ",
  "a\u00a0",
  "\ufeffa",
  "a b",
  "a\u0000",
  "a\u007f",
  "a\u0085",
  "a\n",
  "é",
  "\ud800",
];
const VALUES: readonly JsonValue[] = [
  null,
  true,
  false,
  0,
  -0,
  1,
  3,
  3.5,
  0.5,
  1.0000000000000002,
  -5e-324,
  5e-324,
  [],
  {},
  ["A"],
  ["A", "a"],
  ["A", 1],
  { score: 0, tier: "LOW" },
  { score: 1 },
  { score: 0, tier: "LOW", x: 1 },
  { fail_closed: true },
  { fail_closed: false },
  { fail_closed: 1 },
  Array<string>(1_024).fill("A"),
  Array<string>(1_025).fill("A"),
];
const EXTRA = ["x", "Component", "toString", "constructor", "length", "score", "0"];

/** An envelope with up to three parts changed, removed, added or swapped. */
export function nearlyEnvelope(random: Random): JsonValue {
  if (random.oneIn(200)) return random.pick([...VALUES, ...WORDS]);
  const envelope = structuredClone(random.pick(SAMPLES));
  for (let times = random.below(4); times > 0; times--) change(random, envelope);
  return envelope;
}

function change(random: Random, envelope: JsonObject): void {
  const inner = envelope[random.pick(["risk", "meta", "evidence"])];
  const isInner =
    random.oneIn(3) && typeof inner === "object" && inner !== null && !Array.isArray(inner);
  const target = isInner ? inner : envelope;
  const keys = Object.keys(target);
  const key = keys.length === 0 || random.oneIn(10) ? random.pick(EXTRA) : random.pick(keys);
  if (random.oneIn(5)) Reflect.deleteProperty(target, key);
  else target[key] = random.oneIn(2) ? random.pick(WORDS) : structuredClone(random.pick(VALUES));
}

/**
 * Checks that both give the same result for a value.
 *
 * @returns whether it is an envelope
 * @throws Error where they differ
 */
export function checkEnvelope(value: JsonValue): boolean {
  const said = isEnvelope(value);
  if (said !== envelopeSchema.safeParse(value).success) {
    throw new Error(`isEnvelope and the schema differ: ${JSON.stringify(value)}`);
  }
  return said;
}
