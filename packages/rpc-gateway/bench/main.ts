/**
 * What the gateway costs in front of a real litecoind, in a process of its own: `pnpm --filter @dgb-shield/rpc-gateway bench`.
 * Calls through it and calls to the node alternate, so that both meet the same load of the machine. `SECONDS=5` shortens the steady load.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { PASSWORD, startFundedNode } from "../test/support/site.js";
import { type Caller, createCaller, ms, quantile } from "./load.js";

const CALLS = 3_000;
const SECONDS = Number(process.env["SECONDS"] ?? 60);
const PER_SECOND = 1_000;
const PAYOUTS = 150;

const node = await startFundedNode();
const process_ = join(import.meta.dirname, "gateway-process.js");
const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
  process.execPath,
  ["--expose-gc", process_, node.url, node.cookieFile, PASSWORD],
  { stdio: ["pipe", "pipe", "inherit"] },
);
const lines = createInterface({ input: child.stdout });
const nextLine = async (): Promise<string> => String((await once(lines, "line"))[0]);
const url = await nextLine();

const cookie = readFileSync(node.cookieFile, "utf8");
const direct = createCaller(node.url, cookie, 16);
const through = createCaller(url, `reader:${PASSWORD}`, 16);
const hash = await node.rpc("getblockhash", 50);

await compareReads("getblockcount", []);
await compareReads("getblock", [hash, 2]);
await compareReads("getblockchaininfo", []);
await holdLoad();
await compareIsolation();

for (const one of [direct, through]) await one.close();
child.stdin.end();
await once(child, "exit");
await node.remove();

/** One call at a time, in turns. */
async function compareReads(method: string, params: readonly unknown[]): Promise<void> {
  const [alone, behind]: [number[], number[]] = [[], []];
  for (let i = -500; i < CALLS; i++) {
    const a = await direct.call(method, params);
    const b = await through.call(method, params);
    if (i < 0) continue;
    alone.push(a);
    behind.push(b);
  }
  const [d50, g50] = [quantile(alone, 0.5), quantile(behind, 0.5)];
  const [d99, g99] = [quantile(alone, 0.99), quantile(behind, 0.99)];
  console.log(
    `${method}: median ${ms(d50)} direct, ${ms(g50)} through: ${(g50 / d50).toFixed(2)} ×; ` +
      `p99 ${ms(d99)} and ${ms(g99)}: ${ms(g99 - d99)} added`,
  );
}

type Memory = Readonly<{ heapUsed: number; rss: number; cpu_us: { user: number; system: number } }>;

async function memory(): Promise<Memory> {
  child.stdin.write("\n");
  return JSON.parse(await nextLine()) as Memory;
}

/** A steady load: calls begin when they are due, whatever became of those before. */
async function holdLoad(): Promise<void> {
  const measured: number[] = [];
  const heaps: number[] = [];
  const under = new Set<Promise<void>>();
  let failed = 0;
  const start = performance.now();
  const before = await memory();
  for (let i = 0; i < SECONDS * PER_SECOND; i++) {
    const due = start + (i * 1_000) / PER_SECOND;
    const wait = due - performance.now();
    if (wait > 1) await sleep(wait);
    const one = through
      .call("getblockcount")
      .then(
        () => void measured.push(performance.now() - due),
        () => {
          failed++;
        },
      )
      .finally(() => under.delete(one));
    under.add(one);
    if (i % (10 * PER_SECOND) === 5 * PER_SECOND) heaps.push((await memory()).heapUsed);
  }
  await Promise.all(under);
  const seconds = (performance.now() - start) / 1_000;
  const after = await memory();
  const cpu =
    (after.cpu_us.user + after.cpu_us.system - before.cpu_us.user - before.cpu_us.system) / 1e6;
  const mb = (bytes: number): string => (bytes / 1_048_576).toFixed(1);
  console.log(
    `${PER_SECOND} calls/s for ${SECONDS} s: ${(measured.length / seconds).toFixed(0)}/s answered, ${failed} failed, ` +
      `median ${ms(quantile(measured, 0.5))}, p99 ${ms(quantile(measured, 0.99))}; ` +
      `${((cpu / seconds) * 100).toFixed(0)} % of a core; ` +
      `heap after collection ${[...heaps, after.heapUsed].map(mb).join(", ")} MB; RSS ${mb(before.rss)} to ${mb(after.rss)} MB`,
  );
}

/** Payouts of one client, alone and while another floods batches. */
async function compareIsolation(): Promise<void> {
  const payouts = createCaller(url, `payouts:${PASSWORD}`, 1);
  const flood = createCaller(url, `flood:${PASSWORD}`, 8);
  await pay(payouts, "warm", 20);
  const quiet = await pay(payouts, "quiet", PAYOUTS);
  let [isOn, batches] = [true, 0];
  const floods = Array.from({ length: 8 }, async () => {
    while (isOn) {
      await flood.batch(100, "getblockchaininfo");
      batches++;
    }
  });
  await sleep(500);
  const from = performance.now();
  const flooded = await pay(payouts, "flooded", PAYOUTS);
  const perSecond = (batches * 100_000) / (performance.now() - from);
  isOn = false;
  await Promise.all(floods);
  const [q99, f99] = [quantile(quiet, 0.99), quantile(flooded, 0.99)];
  console.log(
    `payouts while another client floods ${perSecond.toFixed(0)} calls/s in batches: median ${ms(quantile(quiet, 0.5))} ` +
      `and ${ms(quantile(flooded, 0.5))}, p99 ${ms(q99)} and ${ms(f99)}: ${(f99 / q99).toFixed(2)} ×`,
  );
  for (const one of [payouts, flood]) await one.close();
}

async function pay(caller: Caller, name: string, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    // A block now and then: no chain of unconfirmed change grows too long.
    if (i % 20 === 0) await node.rpc("generatetoaddress", 1, node.addresses[0]);
    const headers = { "shield-payment-id": `${name}-${i}` };
    times.push(await caller.call("sendtoaddress", [node.addresses[i % 12], 0.001], headers));
  }
  return times;
}
