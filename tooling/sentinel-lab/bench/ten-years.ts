/**
 * Ten honest years, all detectors, in one run: what is cried, how fast it goes, and whether memory grows.
 * A line for each year; `--years N` for more or fewer, `--seed N` for another chain.
 */
import { parseArgs } from "node:util";
import { blocksPerYear, digibyte } from "@dgb-shield/chain";
import { createSentinel } from "@dgb-shield/sentinel";
import { honestDigibyte } from "../src/simulation/scenarios.js";

const { values } = parseArgs({
  options: {
    years: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
  },
});
const years = Number(values.years);
const yearBlocks = blocksPerYear(digibyte);
const worst = new Map<string, { detector: string; level: string }>();
const sentinel = createSentinel({ node_id: "simulated-node", chain: digibyte });
let blocks = 0;
let year = 0;
let sentinelMs = 0;

const heapMb = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1e6;
};

console.log(`seed ${values.seed}; heap before: ${heapMb().toFixed(1)} MB`);
for (const { observation } of honestDigibyte.observations(
  Number(values.seed),
  Math.round(years * yearBlocks),
)) {
  const begun = performance.now();
  const { findings } = sentinel.observe(observation);
  sentinelMs += performance.now() - begun;
  for (const { finding_id, detector, severity } of findings) {
    const level = severity >= 0.9 ? "critical" : severity >= 0.6 ? "high" : "elevated";
    const before = worst.get(finding_id)?.level ?? "elevated";
    const isWorse = level === "critical" || before === "elevated";
    worst.set(finding_id, { detector, level: isWorse ? level : before });
  }
  blocks += observation.blocks.length;
  if (blocks >= (year + 1) * yearBlocks - 1) report(++year);
}

function report(after: number): void {
  const counts = new Map<string, number>();
  for (const { detector, level } of worst.values()) {
    counts.set(`${detector} ${level}`, (counts.get(`${detector} ${level}`) ?? 0) + 1);
  }
  const found = [...counts].sort().map(([what, count]) => `${what} ${count}`);
  console.log(
    `year ${after}: ${blocks.toLocaleString("en-US")} blocks, ` +
      `${((worst.size / after) * (1 / 12)).toFixed(3)} findings a month (${found.join(", ") || "none"}), ` +
      `${Math.round((blocks / sentinelMs) * 1_000).toLocaleString("en-US")} blocks/s, heap ${heapMb().toFixed(1)} MB`,
  );
}
