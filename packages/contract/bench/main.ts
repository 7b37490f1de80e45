/** What strictness costs, as ratios to JSON.parse and JSON.stringify of the same data, in one run. */
import { hash } from "node:crypto";
import { compare, print } from "@dgb-shield/bench";
import { canonicalHash, canonicalize, dqsnRequestSchema, parseStrictJson } from "../src/index.js";
import { growth } from "./growth.js";
import { request } from "./sample.js";

for (const signals of [64, 8, 1]) {
  const value = request(signals);
  const canonical = canonicalize(value);
  const texts = {
    "canonical text": canonical,
    "keys in another order": JSON.stringify(reversed(value)),
    indented: JSON.stringify(value, undefined, 2),
    "with escapes": canonical.replaceAll("no block", "no\\u0020block"),
  };
  for (const [kind, text] of Object.entries(texts)) {
    const floor = () => [JSON.parse(text), hash("sha256", text, "hex")];
    print(
      `${signals} signals, ${kind}, ${(text.length / 1_000).toFixed(1)} kB: against JSON.parse`,
      compare([
        ["JSON.parse", () => JSON.parse(text) as unknown],
        ["strict parse", () => parseStrictJson(text)],
      ]),
    );
    print(
      `${signals} signals, ${kind}: against JSON.parse + SHA-256`,
      compare([
        ["JSON.parse + SHA-256", floor],
        ["strict parse", () => parseStrictJson(text)],
        ["strict parse + validate", () => dqsnRequestSchema.parse(parseStrictJson(text))],
        [
          "strict parse + validate + canonical form + hash",
          () => canonicalHash(dqsnRequestSchema.parse(parseStrictJson(text))),
        ],
      ]),
    );
  }
  print(
    `${signals} signals: against JSON.stringify of the same value`,
    compare([
      ["JSON.stringify", () => JSON.stringify(value)],
      ["canonical form", () => canonicalize(value)],
    ]),
  );
}

growth();

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}
