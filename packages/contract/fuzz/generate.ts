/** Inputs for the fuzzer: mutations of valid texts, raw bytes, and JSON made from its grammar. */
import { canonicalize } from "../src/index.js";
import { request } from "../bench/sample.js";
import type { Random } from "@dgb-shield/testkit/random";

const NUMBERS = [
  "0",
  "-0",
  "1",
  "-1",
  "0.1",
  "1e21",
  "1e-7",
  "1E400",
  "-1e400",
  "5e-324",
  "1.7976931348623157e308",
  "9007199254740991",
  "9007199254740992",
  "-9007199254740993",
  "1e20",
  "0.1e1",
  "01",
  "1.",
  ".1",
  "+1",
  "NaN",
  "1e",
  "123456789012345678901234567890",
  "4.5e0",
  "333333333.33333329",
];
const STRINGS = [
  "",
  "a",
  "b",
  "__proto__",
  "\\u005f_proto__",
  "constructor",
  "toJSON",
  "hasOwnProperty",
  ":",
  ":a",
  "a:b",
  "\\u0061",
  "\\ud800",
  "\\udc00",
  "\\ud83d\\ude00",
  "😀",
  "é",
  "\u2028",
  "\\\\",
  '\\"',
  '\\":',
  "\\/",
  "\\b\\f\\n\\r\\t",
  "\\u0000",
  "\u0000",
  "\ud800",
  "\ufeff",
  "10",
  "9",
  "00",
  "ﬀ",
  "\\x",
  "\\u12",
];
const SPACES = ["", "", "", " ", "\n", "\t\r", "\u00a0"];
const TOKENS = [
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '"',
  "null",
  "true",
  "false",
  "tru",
  "\\",
  "-",
  "e",
  "\u0000",
];
const SAMPLES = [1, 2, 3].map((count) => canonicalize(request(count)));

/** One input: text, or bytes that may not be UTF-8. */
export function generate(random: Random): string | Uint8Array {
  const kind = random.below(10);
  if (kind < 5) return grammar(random, 0);
  if (kind < 7) return mutate(random, random.pick(SAMPLES));
  if (kind < 8) return mutate(random, grammar(random, 0));
  const text = kind < 9 ? grammar(random, 0) : random.pick(SAMPLES);
  return mutateBytes(random, new TextEncoder().encode(text));
}

function grammar(random: Random, depth: number): string {
  const space = random.pick(SPACES);
  const kind = random.below(depth > 4 ? 3 : 6);
  if (kind === 0) return space + random.pick(NUMBERS);
  if (kind === 1) return `${space}"${text(random)}"`;
  if (kind === 2) return space + random.pick(["null", "true", "false", "[]", "{}"]);
  if (kind === 5 && random.oneIn(40)) return nest(random);
  const members = Array.from({ length: random.below(5) }, () =>
    kind === 3
      ? grammar(random, depth + 1)
      : `${random.pick(SPACES)}"${text(random)}"${random.pick(SPACES)}:${grammar(random, depth + 1)}`,
  );
  const body = members.join(`${random.pick(SPACES)},`) + random.pick(SPACES);
  return kind === 3 ? `[${body}]` : `{${body}}`;
}

const text = (random: Random): string =>
  Array.from({ length: random.below(3) }, () => random.pick(STRINGS)).join("");

/** Around the limit of the depth, and far beyond it. */
function nest(random: Random): string {
  const depth = random.pick([31, 32, 33, 800]);
  return random.oneIn(2)
    ? "[".repeat(depth) + "]".repeat(depth)
    : '{"a":'.repeat(depth) + "1" + "}".repeat(depth);
}

function mutate(random: Random, source: string): string {
  let mutated = source;
  for (let times = 1 + random.below(3); times > 0; times--) {
    const at = random.below(mutated.length + 1);
    const end = Math.min(mutated.length, at + random.below(12));
    const insert = random.pick([
      () => "",
      () => random.pick(TOKENS),
      () => random.pick(NUMBERS),
      () => `"${text(random)}":${random.pick(NUMBERS)},`,
      () => mutated.slice(random.below(mutated.length + 1)).slice(0, random.below(60)),
    ])();
    mutated = mutated.slice(0, at) + insert + mutated.slice(end);
  }
  return mutated;
}

function mutateBytes(random: Random, source: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(source);
  for (let times = random.below(4); times > 0 && bytes.length > 0; times--) {
    bytes[random.below(bytes.length)] = random.below(256);
  }
  return random.oneIn(8) ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes;
}
