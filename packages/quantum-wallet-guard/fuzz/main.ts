/** `fuzz [contexts] [seed]`: compares, shows progress, prints what was met; exit code 1 on a difference or a boundary never met. */
import { REASON_IDS } from "../src/index.js";
import { runDifferential } from "./differential.js";

const [contexts = 1_000_000, seed = 20_260_628] = process.argv.slice(2).map(Number);
if (!Number.isSafeInteger(contexts) || contexts < 1 || !Number.isSafeInteger(seed)) {
  console.error("usage: fuzz [contexts, from 1] [seed, an integer]");
  process.exit(2);
}

const begun = performance.now();
const run = runDifferential(contexts, seed, (done) => {
  const percent = Math.floor((100 * done) / contexts);
  if (process.stderr.isTTY) process.stderr.write(`\r${percent} % of ${contexts} contexts`);
  else if (percent % 10 === 0) process.stderr.write(`${percent} % of ${contexts} contexts\n`);
});
process.stderr.write("\n");

const table = (title: string, counts: ReadonlyMap<string, number>): void => {
  console.log(`\n${title}`);
  for (const [name, count] of counts)
    console.log(`  ${name.padEnd(48)} ${String(count).padStart(9)}`);
};
table("Decided by", run.reasons);
table("Boundaries met", run.boundaries);

const reachable = REASON_IDS.filter((id) => !id.startsWith("QWG_ERROR"));
const unmet = [
  ...reachable.filter((id) => !run.reasons.has(id)),
  ...[...run.boundaries].filter(([, count]) => count === 0).map(([name]) => name),
];
const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
console.log(
  `\n${contexts} contexts in ${seconds} s, seed ${seed}: ${run.differences.length} differences`,
);
for (const difference of run.differences) console.log(difference);
for (const name of unmet) console.log(`never met: ${name}`);
process.exit(run.differences.length + unmet.length === 0 ? 0 : 1);
