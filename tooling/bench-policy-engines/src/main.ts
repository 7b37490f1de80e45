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
const SLICES = 12;
const COMPARED = 10_000;

const { differences, decisions } = await countDifferences(makeContexts(COMPARED, 1));
console.log(`${COMPARED} contexts, ${differences} different decisions`, decisions);
if (differences > 0) process.exit(1);

const contexts = makeContexts(500, 2);
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

type Timed = { name: string; run(): unknown; best: number[] };
const timed: Timed[] = [
  ["QWG, unknown input, validated", () => contexts.forEach((c) => evaluateTransaction(c, policy))],
  ["QWG, parsed context", () => parsed.forEach((c) => decide(c, policy))],
  ["QWG engine, validated, with context_hash", () => contexts.forEach((c) => engine.evaluate(c))],
  [
    "json-rules-engine, prepared facts",
    async () => {
      for (const one of facts) await jsonRules(one);
    },
  ],
  ["Cedar, prepared context, policies parsed once", () => requests.forEach((one) => cedar(one))],
].map(([name, run]) => ({ name: name as string, run: run as () => unknown, best: [] }));

for (let round = 0; round < ROUNDS; round++) {
  for (const one of timed) {
    let best = Infinity;
    for (let slice = 0; slice < SLICES; slice++) {
      const begun = performance.now();
      await one.run();
      best = Math.min(best, (performance.now() - begun) / contexts.length);
    }
    if (round > 0) one.best.push(best);
  }
}

const medians = timed.map(({ best }) => best.sort((a, b) => a - b)[best.length >> 1] ?? NaN);
const [base = NaN] = medians;
timed.forEach(({ name }, i) => {
  const ms = medians[i] ?? NaN;
  const rate = Math.round(1_000 / ms).toLocaleString("en");
  console.log(
    `${name.padEnd(48)} ${rate.padStart(12)} decisions/s  ${(ms / base).toFixed(1).padStart(7)} × the time`,
  );
});
const [, , , jsonRulesMs = NaN, cedarMs = NaN] = medians;
const least = Math.min(jsonRulesMs, cedarMs) / base;
console.log(
  `At least 20 times as fast as both: ${least >= 20 ? "reached" : "MISSED"} (${least.toFixed(0)})`,
);
console.table(await malformedTable());
