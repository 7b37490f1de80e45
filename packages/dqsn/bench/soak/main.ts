/** `pnpm soak`: REST at a steady rate on loopback, its latency and the server's memory. SECONDS, RATE: 60, 1,000. */
import { spawn } from "node:child_process";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createEnvelope } from "@dgb-shield/contract";

const SECONDS = Number(process.env["SECONDS"] ?? 60);
const RATE = Number(process.env["RATE"] ?? 1_000);
const TICK_MS = 10;

const server = spawn(process.execPath, ["--expose-gc", join(import.meta.dirname, "server.js")], {
  stdio: ["pipe", "pipe", "inherit"],
});
const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
const port = Number((await lines.next()).value);
const agent = new Agent({ keepAlive: true, maxSockets: 32 });
const latencies: number[] = [];
const statuses = new Map<string, number>();
let inFlight = 0;

const signals = Array.from({ length: 4 }, (_, i) =>
  createEnvelope({
    component: "sentinel",
    request_id: `s-${i}`,
    decision: "WARN",
    score: 0.3,
    reason_codes: ["SENTINEL_CADENCE"],
    evidence: { height: i },
  }),
);
const evaluation = JSON.stringify({
  contract_version: 3,
  component: "dqsn",
  request_id: "r",
  signals,
});

/** In turns: an evaluation of 4 signals, a report of one of 1,000 nodes, a look at the view, a bad body. */
function send(number: number): void {
  const node_id = `node-${number % 1_000}`;
  const report = JSON.stringify({ node_id, source: "sentinel", type: "stall", severity: 0.2 });
  const [method, path, body] = [
    ["POST", "/evaluate", evaluation],
    ["POST", "/signals", report],
    ["GET", "/network", ""],
    ["POST", "/evaluate", "{"],
  ][number % 4] as [string, string, string];
  const start = performance.now();
  inFlight++;
  const done = (status: string): void => {
    inFlight--;
    latencies.push(performance.now() - start);
    const key = `${method} ${path} ${status}`;
    statuses.set(key, (statuses.get(key) ?? 0) + 1);
  };
  const headers = method === "POST" ? { "content-type": "application/json" } : {};
  request({ host: "127.0.0.1", port, method, path, agent, headers }, (response) => {
    response.resume().on("end", () => done(String(response.statusCode)));
  })
    .on("error", () => done("failed"))
    .end(body);
}

async function memory(when: string) {
  server.stdin.write("\n");
  const { rss, heapUsed } = JSON.parse(String((await lines.next()).value));
  return { when, "RSS MB": mb(rss), "heap MB": mb(heapUsed) };
}
const mb = (bytes: number): number => Math.round(bytes / 104_857.6) / 10;

async function run(seconds: number): Promise<void> {
  const start = performance.now();
  let sent = 0;
  while (performance.now() < start + seconds * 1_000) {
    const due = ((performance.now() - start) / 1_000) * RATE;
    while (sent < due) send(sent++);
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  while (inFlight > 0) await new Promise((resolve) => setTimeout(resolve, TICK_MS));
}

await run(Math.min(5, SECONDS));
latencies.length = 0;
statuses.clear();
const start = performance.now();
const samples = [await memory("start")];
await run(SECONDS / 2);
samples.push(await memory("middle"));
await run(SECONDS / 2);
samples.push(await memory("end"));
const elapsed = (performance.now() - start) / 1_000;

latencies.sort((a, b) => a - b);
const at = (share: number): string =>
  (latencies[Math.floor(share * (latencies.length - 1))] ?? NaN).toFixed(2);
console.log(
  `${latencies.length} requests in ${elapsed.toFixed(1)} s: ${Math.round(latencies.length / elapsed)}/s`,
);
console.log(`latency ms: p50 ${at(0.5)}  p90 ${at(0.9)}  p99 ${at(0.99)}  max ${at(1)}`);
console.table(Object.fromEntries(statuses));
console.table(samples);
agent.destroy();
server.stdin.end();

const wanted = /^(POST \/evaluate (200|400)|POST \/signals 200|GET \/network 200)$/;
const failed = [...statuses.keys()].filter((key) => !wanted.test(key));
const growth = (samples.at(-1)?.["heap MB"] ?? Infinity) - (samples[1]?.["heap MB"] ?? 0);
if (failed.length > 0) throw new Error(`unexpected answers: ${failed.join(", ")}`);
if (growth > 10) throw new Error(`the heap grew by ${growth} MB in the second half`);
