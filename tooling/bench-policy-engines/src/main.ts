/** The same decisions first, then decisions per second in one run, then what malformed input gets. */
import {
  createDecisionEngine,
  decide,
  evaluateTransaction,
  parseContext,
  parsePolicy,
} from "@dgb-shield/quantum-wallet-guard";
import { cedarContext, createCedar } from "./cedar.js";
import { makeContexts, prepare } from "./contexts.js";
import { countDifferences } from "./equal.js";
import { createJsonRules } from "./json-rules.js";
import { malformedTable } from "./malformed.js";

const ROUNDS = 9;
const REPEATS = 12;
const CONTEXTS = 500;
/** Contexts that are timed at once. */
const SLICE = 20;
const COMPARED = 10_000;

const { differences, decisions } = await countDifferences(makeContexts(COMPARED, 1));
console.log(`${COMPARED} contexts, ${differences} different decisions`, decisions);
if (differences > 0) process.exit(1);

const contexts = makeContexts(CONTEXTS, 2);
const policy = parsePolicy({});
const engine = createDecisionEngine({ policy });
const parsed = contexts.flatMap((context) => {
  const read = parseContext(context);
  return read.ok ? [read.context] : [];
});
const facts = contexts.map(prepare);
const requests = facts.map(cedarContext);
const jsonRules = createJsonRules();
const cedar = createCedar("without schema");

type Timed = { name: string; run(from: number, to: number): unknown; best: number[] };
const timed: Timed[] = [
  ["QWG, unknown input, validated", each(contexts, (one) => evaluateTransaction(one, policy))],
  ["QWG, parsed context", each(parsed, (one) => decide(one, policy))],
  ["QWG engine, validated, with context_hash", each(contexts, (one) => engine.evaluate(one))],
  [
    "json-rules-engine, prepared facts",
    async (from: number, to: number) => {
      for (const one of facts.slice(from, to)) await jsonRules(one);
    },
  ],
  ["Cedar, prepared context, policies parsed once", each(requests, (one) => cedar(one))],
].map(([name, run]) => ({ name, run, best: [] }) as unknown as Timed);

for (let round = 0; round < ROUNDS; round++) {
  for (const one of timed) {
    for (let from = 0; from < CONTEXTS; from += SLICE) {
      for (let again = 0; again < REPEATS; again++) {
        const begun = performance.now();
        await one.run(from, from + SLICE);
        const ms = performance.now() - begun;
        one.best[from / SLICE] = Math.min(one.best[from / SLICE] ?? Infinity, ms);
      }
    }
  }
}

function each<T>(items: readonly T[], run: (item: T) => unknown): Timed["run"] {
  return (from, to) => {
    for (const item of items.slice(from, to)) run(item);
  };
}

/** Each slice at its quickest: slices are short, so that a busy machine interrupts no engine more than another. */
const times = timed.map(({ best }) => best.reduce((sum, ms) => sum + ms) / CONTEXTS);
const [base = NaN] = times;
timed.forEach(({ name }, i) => {
  const ms = times[i] ?? NaN;
  const rate = Math.round(1_000 / ms).toLocaleString("en");
  console.log(
    `${name.padEnd(48)} ${rate.padStart(12)} decisions/s  ${(ms / base).toFixed(1).padStart(7)} × the time`,
  );
});
const [, , hashedMs = NaN, jsonRulesMs = NaN, cedarMs = NaN] = times;
const least = Math.min(jsonRulesMs, cedarMs);
for (const [name, ms] of [
  ["unknown input", base],
  ["with context_hash", hashedMs],
] as const) {
  const ratio = least / ms;
  console.log(
    `${name}: ${ratio.toFixed(0)} × as fast as the faster of the two; at least 20: ${ratio >= 20 ? "reached" : "MISSED"}`,
  );
}
console.table(await malformedTable());
