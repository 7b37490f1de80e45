/** What an evaluation costs, as ratios to JSON.parse and SHA-256 of the same text, in one run. */
import { hash } from "node:crypto";
import { compare, print } from "@dgb-shield/bench";
import {
  canonicalize,
  type DqsnRequest,
  envelopeSchema,
  type JsonValue,
} from "@dgb-shield/contract";
import { referenceEvaluation } from "../fuzz/reference-evaluation.js";
import { createDqsn } from "../src/evaluate/index.js";
import { requestOf } from "./requests.js";
import { richRequestOf } from "./rich-requests.js";

const ENCODER = new TextEncoder();

/** Prints a table for each number of signals. */
export function benchEvaluate(): void {
  for (const count of [64, 8, 1]) table(`${count} signals`, requestOf(count));
  table("64 signals with decimals, non-ASCII text and nested lists", richRequestOf(64));
}

function table(title: string, request: DqsnRequest): void {
  const dqsn = createDqsn();
  const digest = createDqsn({ forward: "digest" });
  const text = canonicalize(request);
  const bytes = ENCODER.encode(text);
  const otherOrder = JSON.stringify(backwards(request as unknown as JsonValue));
  const indented = JSON.stringify(request, undefined, 2);
  if (dqsn.evaluateText(text).decision === "ERROR") throw new Error("the request is refused");
  const floor = () => [JSON.parse(text) as unknown, hash("sha256", text, "hex")];
  print(
    `evaluateText, ${title}, ${(text.length / 1_000).toFixed(1)} kB: against JSON.parse + SHA-256`,
    compare([
      ["JSON.parse + SHA-256", floor],
      ["canonical text", () => dqsn.evaluateText(text)],
      ["canonical text, as bytes", () => dqsn.evaluateText(bytes)],
      ["canonical text, forward digest", () => digest.evaluateText(text)],
      ["keys in another order", () => dqsn.evaluateText(otherOrder)],
      ["indented", () => dqsn.evaluateText(indented)],
      ["object in memory", () => dqsn.evaluate(request)],
      ["by the letter, without any shortcut", () => referenceEvaluation({}, text)],
      ["one JSON.parse and the zod schema alone", () => parseAndValidate(text)],
    ]),
  );
}

const parseAndValidate = (text: string) =>
  (JSON.parse(text) as { signals: unknown[] }).signals.map((each) => envelopeSchema.parse(each));

function backwards(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(backwards);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).reverse();
  return Object.fromEntries(members.map(([key, member]) => [key, backwards(member)]));
}
