/**
 * `pnpm fuzz [--count inputs] [--seed seed]`: evaluates random requests, 10,000,000 by default, and
 * compares each answer with one that is made by the letter of the specification; stops at the first that
 * differs. Inputs depend on the seed alone; a failure prints its input.
 */
import { parseArgs } from "node:util";
import { runFuzzer, shownInput } from "@dgb-shield/testkit/fuzz";
import type { Random } from "@dgb-shield/testkit/random";
import { check } from "./check.js";
import { generate } from "./generate.js";

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
try {
  runFuzzer({ count, seed, tryOne: one, report });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
console.log(`${count} inputs, none threw, none answered otherwise: ${summary()}`);

function one(random: Random, index: number): void {
  const input = generate(random);
  try {
    decisions[check(input, index)]++;
  } catch (cause) {
    throw new Error(`${String(cause)}\n${shownInput(input)}`, { cause });
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
