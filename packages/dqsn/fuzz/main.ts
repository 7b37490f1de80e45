/**
 * `pnpm fuzz [--count inputs] [--seed seed]`: evaluates random requests, 10,000,000 unless told, and
 * compares each answer with one that is made by the letter of the specification; stops at the first that
 * differs. Inputs depend on the seed alone; a failure prints its input.
 */
import { parseArgs } from "node:util";
import { check } from "./check.js";
import { generate } from "./generate.js";
import { createRandom, type Random } from "@dgb-shield/testkit/random";

const CHUNK = 1_000;
const REPORT_EVERY = 250_000;

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  options: {
    count: { type: "string", default: "10000000" },
    seed: { type: "string", default: "1" },
  },
});
const [count, seed] = [Number(values.count), Number(values.seed)];
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed)) {
  console.error("usage: fuzz [--count inputs, at least 1] [--seed seed]");
  process.exit(2);
}

const decisions = { ALLOW: 0, WARN: 0, BLOCK: 0, ERROR: 0 };
for (let done = 0; done < count; done += CHUNK) {
  const random = createRandom(seed * 1_000_003 + done / CHUNK);
  for (let i = done; i < Math.min(done + CHUNK, count); i++) one(random, i);
  if ((done + CHUNK) % REPORT_EVERY === 0) report(done + CHUNK);
}
console.log(`${count} inputs, none threw, none answered otherwise: ${summary()}`);

function one(random: Random, index: number): void {
  const input = generate(random);
  try {
    decisions[check(input, index)]++;
  } catch (error) {
    console.error(`input ${index} of seed ${seed}: ${String(error)}`);
    const shown = typeof input === "string" ? JSON.stringify(input) : Buffer.from(input);
    console.error(typeof shown === "string" ? shown : shown.toString("hex"));
    process.exit(1);
  }
}

function report(done: number): void {
  const percent = ((100 * done) / count).toFixed(0).padStart(3);
  const heap = (process.memoryUsage().heapUsed / 2 ** 20).toFixed(0);
  console.error(`${percent} %  ${done} inputs, ${summary()}, heap ${heap} MB`);
}

function summary(): string {
  return Object.entries(decisions)
    .map(([decision, times]) => `${decision} ${times}`)
    .join(", ");
}
