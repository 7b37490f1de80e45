/**
 * How the cost of a text grows with its size, for kinds of text that are costly to read, accepted and
 * refused ones: time a byte, and the ratio to JSON.parse of the same text where that accepts it.
 */
import { parseStrictJson } from "../src/index.js";
import { compare } from "@dgb-shield/bench";

const SIZES = [1_000, 10_000, 100_000, 500_000] as const;

type Kind = Readonly<{ name: string; make: (size: number) => string }>;

const filled = (unit: string | ((i: number) => string), size: number): string => {
  let text = "";
  for (let i = 0; text.length < size; i++) text += typeof unit === "string" ? unit : unit(i);
  return text;
};

const ACCEPTED: readonly Kind[] = [
  { name: "one long string", make: (size) => `"${filled("a", size)}"` },
  { name: "one long string, two-byte", make: (size) => `"${filled("€", size / 3)}"` },
  { name: "one string of escapes", make: (size) => `"${filled("\\n", size)}"` },
  { name: "one string of \\u escapes", make: (size) => `"${filled("\\u20ac", size)}"` },
  { name: "digits", make: (size) => `[${filled("0,", size)}0]` },
  { name: "long fractions", make: (size) => `[${filled("0.1234567890123456,", size)}0]` },
  { name: "short strings", make: (size) => `[${filled('"",', size)}0]` },
  { name: "distinct keys", make: (size) => `{${filled((i) => `"k${i}":0,`, size)}"z":0}` },
  { name: "integer-like keys", make: (size) => `{${filled((i) => `"${i}":0,`, size)}"z":0}` },
  { name: "spaced keys", make: (size) => `{${filled((i) => `"k${i}" :0,`, size)}"z":0}` },
  { name: "empty containers", make: (size) => `[${filled("{},[],", size)}0]` },
  {
    name: "nests of depth 31",
    make: (size) => `[${filled(`${"[".repeat(31)}${"]".repeat(31)},`, size)}0]`,
  },
  { name: "white space", make: (size) => `[${filled(" \n", size)}0]` },
];

/** Each ends in what refuses it. */
const REFUSED: readonly Kind[] = [
  { name: "one long string, open", make: (size) => `"${filled("a", size)}` },
  { name: "escapes, then a lone surrogate", make: (size) => `"${filled("\\n", size)}\\ud800"` },
  { name: "digits, then 2^53", make: (size) => `[${filled("0,", size)}9007199254740992]` },
  {
    name: "fractions, then 1e400",
    make: (size) => `[${filled("0.1234567890123456,", size)}1e400]`,
  },
  { name: "short strings, then garbage", make: (size) => `[${filled('"",', size)}x]` },
  {
    name: "distinct keys, then a duplicate",
    make: (size) => `{${filled((i) => `"k${i}":0,`, size)}"k0":0}`,
  },
  {
    name: "spaced keys, then a duplicate",
    make: (size) => `{${filled((i) => `"k${i}" :0,`, size)}"k0":0}`,
  },
  { name: "one key over and over", make: (size) => `{${filled('"a":0,', size)}"a":0}` },
  { name: "opening brackets", make: (size) => filled("[", size) },
  {
    name: "nests, then depth 33",
    make: (size) =>
      `[${filled(`${"[".repeat(31)}${"]".repeat(31)},`, size)}${"[".repeat(33)}${"]".repeat(33)}]`,
  },
  { name: "white space, then garbage", make: (size) => `[${filled(" \n", size)}x]` },
];

const attempt = (text: string) => (): unknown => {
  try {
    return parseStrictJson(text);
  } catch (error) {
    return error;
  }
};

function slowest(title: string, kinds: readonly Kind[]): number[] {
  console.log(`\n${title} (µs a kB at ${SIZES.map((size) => `${size / 1_000} kB`).join(", ")})`);
  const worst = SIZES.map(() => 0);
  for (const { name, make } of kinds) {
    const costs = SIZES.map((size, i) => {
      const text = make(size);
      const isAccepted = kinds === ACCEPTED;
      const timings = compare(
        isAccepted
          ? [
              ["JSON.parse", () => JSON.parse(text) as unknown],
              ["strict", attempt(text)],
            ]
          : [["strict", attempt(text)]],
        { rounds: 3 },
      );
      const { us, ratio } = timings.at(-1) ?? { us: 0, ratio: 0 };
      worst[i] = Math.max(worst[i] ?? 0, us / text.length);
      const perKb = ((us / text.length) * 1_000).toFixed(2);
      return isAccepted ? `${perKb} (${ratio.toFixed(1)} ×)` : perKb;
    });
    console.log(`  ${name.padEnd(34)} ${costs.map((cost) => cost.padStart(16)).join("")}`);
  }
  return worst;
}

/** Prints both tables, and how much the slowest refusal takes of what the slowest acceptance does. */
export function growth(): void {
  const accepted = slowest("accepted, with the ratio to JSON.parse", ACCEPTED);
  const refused = slowest("refused", REFUSED);
  const ratios = SIZES.map((_, i) => ((refused[i] ?? 0) / (accepted[i] ?? 1)).toFixed(2));
  console.log(`\nslowest refused / slowest accepted of its size: ${ratios.join(", ")}`);
}
