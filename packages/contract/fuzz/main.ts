/**
 * `pnpm fuzz [runs] [seed]`: feeds the strict parser and the canonical form with random inputs, 5,000,000
 * unless told, and the two definitions of an envelope with as many values, and stops at the first one for which something does not hold. Inputs depend on the seed
 * alone; each chunk of 1,000 can be run again by the number that is printed with a failure.
 */
import { check } from "./check.js";
import { checkEnvelope, nearlyEnvelope } from "./envelopes.js";
import { generate } from "./generate.js";
import { createRandom, type Random } from "@dgb-shield/testkit/random";

const CHUNK = 1_000;
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
for (let done = 0; done < runs; done += CHUNK) {
  const random = createRandom(seed * 1_000_003 + done / CHUNK);
  for (let i = 0; i < Math.min(CHUNK, runs - done); i++) one(random, done + i);
  if ((done + CHUNK) % 250_000 === 0) report(done + CHUNK);
}
report(runs);
const growth = (heaps.at(-1) ?? 0) - (heaps[1] ?? heaps[0] ?? 0);
console.log(
  `${runs} inputs: ${accepted} accepted, ${runs - accepted} refused, none broke a rule; ` +
    `${envelopes} of ${runs} values were envelopes by both definitions; ` +
    `slowest ${slowestMs.toFixed(1)} ms; heap grew by ${growth.toFixed(1)} MB`,
);
process.exit(growth > 16 ? 1 : 0);

function one(random: Random, index: number): void {
  if (checkEnvelope(nearlyEnvelope(random))) envelopes++;
  const input = generate(random);
  const begun = performance.now();
  try {
    if (check(input)) accepted++;
  } catch (error) {
    console.error(`input ${index} of seed ${seed}: ${String(error)}`);
    console.error(
      typeof input === "string" ? JSON.stringify(input) : Buffer.from(input).toString("hex"),
    );
    process.exit(1);
  }
  const ms = performance.now() - begun;
  slowestMs = Math.max(slowestMs, ms);
  if (ms > SLOWEST_MS) {
    console.error(`input ${index} of seed ${seed} took ${ms.toFixed(0)} ms`);
    process.exit(1);
  }
}

function report(done: number): void {
  globalThis.gc?.();
  heaps.push(process.memoryUsage().heapUsed / 2 ** 20);
  const percent = ((100 * done) / runs).toFixed(0).padStart(3);
  console.error(
    `${percent} %  ${done} inputs, ${accepted} accepted, heap ${heaps.at(-1)?.toFixed(1)} MB`,
  );
}
