/**
 * What a block costs Sentinel with all its detectors, by the number of blocks in an observation, against
 * JSON.parse of the same headers; 1,000 blocks of a year's shape in each case.
 */
import { compare, print } from "@dgb-shield/bench";
import { digibyte } from "@dgb-shield/chain";
import { type BlockHeader, createSentinel, type Observation } from "../src/index.js";

const BLOCKS = 1_000;
const FROM = 23_800_000;
const BITS = [0, 2, 6, 8, 14];

const hashOf = (height: number): string => height.toString(16).padStart(64, "0");

/** Blocks 15 s apart but for a few seconds, each algorithm in turn: what is usual. */
const headers: BlockHeader[] = Array.from({ length: BLOCKS }, (_, i) => ({
  hash: hashOf(FROM + i),
  previous_hash: hashOf(FROM + i - 1),
  height: FROM + i,
  version: 0x20000002 | ((BITS[i % BITS.length] ?? 0) << 8),
  time_s: 1_790_000_000 + 15 * i + ((i * 7) % 11),
}));

function observationsOf(perObservation: number): Observation[] {
  return Array.from({ length: BLOCKS / perObservation }, (_, i) => {
    const blocks = headers.slice(i * perObservation, (i + 1) * perObservation);
    const tip = blocks.at(-1) ?? null;
    const at_ms = ((tip?.time_s ?? 0) + 1) * 1_000;
    const common = { node_id: "node-a", syncing: false, reachable: true, tips: [] };
    return { ...common, at_ms, tip, blocks, mempool: { count: 5, bytes: 1_250 } };
  });
}

function watch(observations: readonly Observation[]): number {
  const sentinel = createSentinel({ node_id: "node-a", chain: digibyte });
  let findings = 0;
  for (const one of observations) findings += sentinel.observe(one).findings.length;
  return findings;
}

const text = headers.map((header) => JSON.stringify(header));
const counts = [1, 10, 100];
const workloads = counts.map((count) => [count, observationsOf(count)] as const);
const timings = compare(
  [
    ["JSON.parse of each header", () => text.map((line) => JSON.parse(line) as unknown).length],
    ...workloads.map(
      ([count, observations]) =>
        [`observe, ${count} block(s) an observation`, () => watch(observations)] as const,
    ),
  ],
  { rounds: 15 },
);
print(`${BLOCKS} blocks, all detectors`, timings);
for (const { name, us } of timings) {
  console.log(`${name}: ${Math.round((BLOCKS / us) * 1_000_000).toLocaleString("en-US")} blocks/s`);
}
