/**
 * `pnpm fuzz [runs] [seed]`: feeds the strict parser and the canonical form with random inputs, 5,000,000
 * unless told, and the two definitions of an envelope with as many values, and stops at the first one for which something does not hold. Inputs depend on the seed
 * alone; each chunk of 1,000 can be run again by the number that is printed with a failure.
 */
import { runFuzzer, shownInput } from "@dgb-shield/testkit/fuzz";
import type { Random } from "@dgb-shield/testkit/random";
import { check } from "./check.js";
import { checkEnvelope, nearlyEnvelope } from "./envelopes.js";
import { generate } from "./generate.js";

const SLOWEST_MS = 1_000;
const [runs = 5_000_000, seed = 1] = process.argv.slice(2).map(Number);
if (!Number.isSafeInteger(runs) || runs < 1 || !Number.isSafeInteger(seed)) {
  console.error("usage: fuzz [runs, at least 1] [seed]");
  process.exit(2);
}

let accepted = 0;
let envelopes = 0;
let slowestMs = 0;
const heaps: number[] = [];
try {
  runFuzzer({ count: runs, seed, tryOne: one, report });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
report(runs);
const growth = (heaps.at(-1) ?? 0) - (heaps[1] ?? heaps[0] ?? 0);
console.log(
  `${runs} inputs: ${accepted} accepted, ${runs - accepted} refused, none broke a rule; ` +
    `${envelopes} of ${runs} values were envelopes by both definitions; ` +
    `slowest ${slowestMs.toFixed(1)} ms; heap grew by ${growth.toFixed(1)} MB`,
);
process.exit(growth > 16 ? 1 : 0);

function one(random: Random): void {
  if (checkEnvelope(nearlyEnvelope(random))) envelopes++;
  const input = generate(random);
  const begun = performance.now();
  try {
    if (check(input)) accepted++;
  } catch (cause) {
    throw new Error(`${String(cause)}\n${shownInput(input)}`, { cause });
  }
  const ms = performance.now() - begun;
  slowestMs = Math.max(slowestMs, ms);
  if (ms > SLOWEST_MS) throw new Error(`took ${ms.toFixed(0)} ms\n${shownInput(input)}`);
}

function report(done: number): void {
  globalThis.gc?.();
  heaps.push(process.memoryUsage().heapUsed / 2 ** 20);
  const percent = ((100 * done) / runs).toFixed(0).padStart(3);
  console.error(
    `${percent} %  ${done} inputs, ${accepted} accepted, heap ${heaps.at(-1)?.toFixed(1)} MB`,
  );
}
