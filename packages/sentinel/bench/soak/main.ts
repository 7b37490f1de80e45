/**
 * `pnpm soak`: long runs on real nodes (litecoind on regtest). `hours`: simulated hours of three honest nodes, or with
 * `--split N` with one of them cut off each N hours; `polls`: one node, polled every 15 s; `walk`: random faults.
 */
import { parseArgs } from "node:util";
import { walk } from "../../test/support/fleet-walk.js";
import { bytesPerPoll, type HeapReading } from "../../test/support/heap.js";
import { LiveFleet } from "../../test/support/live-fleet.js";
import { type Hours, runHours } from "../../test/support/live-hours.js";
import { Site } from "../../test/support/site.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    hours: { type: "string", default: "24" },
    split: { type: "string" },
    seed: { type: "string", default: "1" },
    steps: { type: "string", default: "400" },
  },
});
const seed = Number(values.seed);
const mb = (bytes: number): string => (bytes / 1e6).toFixed(2);

function printHeap(heap: readonly HeapReading[]): void {
  console.log(`heap after collection, MB: ${heap.map(({ bytes }) => mb(bytes)).join(" ")}`);
  console.log(`growth in the later half: ${bytesPerPoll(heap).toFixed(0)} bytes a poll`);
}

function printFindings({ findings, delays }: Hours): void {
  const counts = new Map<string, number[]>();
  for (const [name, severity] of findings) {
    const [where = "", id = ""] = name.split(" ");
    const key = `${where === "fleet" ? "fleet" : "node"} ${id.split(":")[0]}`;
    counts.set(key, [...(counts.get(key) ?? []), severity]);
  }
  for (const [key, severities] of counts) {
    console.log(`  ${key}: ${severities.length}, worst ${Math.max(...severities)}`);
  }
  if (counts.size === 0) console.log("  no finding");
  if (delays.length === 0) return;
  const found = delays.filter((one) => one !== null).sort((a, b) => a - b);
  const [median, most] = [found[found.length >> 1], found.at(-1)];
  console.log(
    `splits with blocks on both sides: ${delays.length}, found: ${found.length}; ` +
      `polls until tip_divergence: median ${median}, most ${most}`,
  );
}

async function soakHours(site: Site, count: number): Promise<void> {
  const split = values.split === undefined ? {} : { splitEachHours: Number(values.split) };
  const hours = Number(values.hours);
  const fleet = await LiveFleet.start(site, count);
  const run = await runHours(fleet, { seed, hours, ...split });
  console.log(
    `${count} node(s), ${hours} simulated hours, seed ${seed}: ${run.blocks} blocks, ` +
      `${run.polls} polls of each; unchanged tip: at most ${run.mostCalls} calls in ${run.mostRequests} request(s)`,
  );
  printFindings(run);
  printHeap(run.heap);
}

async function soakWalk(site: Site): Promise<void> {
  const { steps, faults } = await walk(await LiveFleet.start(site, 3), seed, Number(values.steps));
  console.log(`walk of ${steps.length} steps, seed ${seed}: ${faults.length} fault(s)`);
  for (const fault of faults) console.log(`  ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
}

const begun = performance.now();
const site = new Site();
try {
  const [what = "hours"] = positionals;
  if (what === "walk") await soakWalk(site);
  else await soakHours(site, what === "polls" ? 1 : 3);
  console.log(`took ${((performance.now() - begun) / 60_000).toFixed(1)} min`);
} finally {
  await site.end();
}
