/** Serves the incident's stream: `node incident-server.js OPERATORS`; prints its port, and statistics for each line of its input. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { createEventStream } from "../src/adapters/sse/index.js";
import { createWatch } from "../src/adapters/watch/index.js";
import { createNetworkState } from "../src/index.js";

const OPERATORS = Number(process.argv[2]);
/** Operators whose severities move the score, one change at a time: they hold the median of a channel. */
const MOVING = 3;

const network = createNetworkState();
const stream = createEventStream({ network });
const watch = createWatch({ network, listeners: [stream.onChange], intervalMs: 3_600_000 });
let changes = 0;
let mostBuffered = 0;
let heapPeak = 0;

const reading = () => ({ now_ms: Date.now(), monotonic_ms: performance.now() });
const nameOf = (i: number): string => `operator-${String(i).padStart(51, "0")}`;

function report(node_id: string, source: "sentinel" | "infra", severity: number): void {
  const signal = { node_id, operator: node_id, source, type: "block_stall", severity };
  const result = network.ingest({ ...signal, observed_at: Date.now() }, reading());
  if (!result.accepted) throw new Error(result.code);
}

function change(): void {
  changes++;
  const severity = 0.91 + ((changes * 7) % 90_000) / 1e6;
  for (let i = 0; i < MOVING; i++) report(nameOf(i), "infra", severity);
  watch.look();
  const { bufferedBytes } = stream.stats();
  mostBuffered = Math.max(mostBuffered, bufferedBytes);
  if (changes % 20 === 0) heapPeak = Math.max(heapPeak, process.memoryUsage().heapUsed);
}

const mb = (bytes: number): number => Math.round(bytes / 1e5) / 10;
const stats = () => ({
  ...stream.stats(),
  mostBuffered,
  heapPeakMb: mb(Math.max(heapPeak, process.memoryUsage().heapUsed)),
  rssPeakMb: mb(process.resourceUsage().maxRSS * 1_024),
});

for (let i = 0; i < OPERATORS; i++) report(nameOf(i), "sentinel", 0.9);
const server = createServer((request, response) => stream.handle(request, response));
server.listen({ port: 0, host: "127.0.0.1", backlog: 2_048 }, () => {
  console.log((server.address() as AddressInfo).port);
});
const asked = createInterface({ input: process.stdin });
asked.on("line", (line) => {
  if (line === "change") change();
  else console.log(JSON.stringify(stats()));
});
asked.on("close", () => process.exit(0));
