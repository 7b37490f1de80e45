/**
 * Three `shield serve` processes on one PostgreSQL schema and two real nodes: the one that watches is killed under load
 * while the nodes part. FULL=1 kills the next one as well.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasLitecoind, type RegtestNode } from "@dgb-shield/testkit/litecoind";
import { freePort } from "@dgb-shield/testkit/servers";
import { afterEach, describe, expect, it } from "vitest";
import { EVIDENCE_STALE_MS } from "../../src/pipeline/followed-site.js";
import { hasPostgres, POSTGRES_URL } from "../support/postgres.js";
import { makeKeys, type ServeProcess, serveProcess } from "../support/serve-process.js";
import { until } from "../support/service.js";
import { makeSchema, type SharedSchema } from "../support/several.js";
import { split, startPair } from "../support/split-nodes.js";

const isFull = process.env["FULL"] === "1";
const isReady = hasLitecoind() && (await hasPostgres());
/** Coins that may leave the tight wallet in 24 hours; each payment is of one. */
const TIGHT = 40;
const WORKERS = 6;

type Process = ServeProcess & Readonly<{ url: string }>;
type Decided = Readonly<{ wallet: string; final: string; decidedMs: number; url: string }>;
type Status = Readonly<{
  state: string;
  role: Readonly<{ watches: boolean; watcher: string | null }>;
}>;

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** Starts three processes, each with a folder of its own and keys that all of them read. */
async function startThree({ schema }: SharedSchema, nodes: readonly RegtestNode[]) {
  const root = mkdtempSync(join(tmpdir(), "shield-processes-"));
  endings.push(() => Promise.resolve(rmSync(root, { recursive: true, force: true })));
  const keys_file = join(root, "keys.json");
  const keys = await makeKeys(keys_file);
  const limits = { claim: "explicit", cooldown_seconds: 0 };
  const processes: Process[] = [];
  for (let i = 0; i < 3; i++) {
    const data_dir = mkdtempSync(join(root, "data-"));
    const port = await freePort();
    const path = join(root, `shield-${i}.json`);
    const config = {
      ...{ config_version: 1, deployment_id: "three", operator: "site", data_dir, keys_file },
      chain: "litecoin_regtest",
      ledger: { kind: "postgres", url: POSTGRES_URL, schema },
      nodes: nodes.map(({ url, cookieFile }, n) => ({
        ...{ node_id: `node-${n + 1}`, url, cookie_file: cookieFile },
      })),
      ...{ poll_ms: 1_000, mode: "enforce", http: { port }, log: { level: "info" } },
      guardian: { ...limits, max_24h: "1000000" },
      wallets: { tight: { guardian: { ...limits, max_24h: String(TIGHT) } } },
    };
    writeFileSync(path, JSON.stringify(config));
    processes.push(await serve(path, `http://127.0.0.1:${port}`));
  }
  return { processes, keys };
}

async function serve(configFile: string, url: string): Promise<Process> {
  const process = await serveProcess(configFile);
  endings.push(() => process.kill());
  return { ...process, url };
}

async function get<T>(url: string, key: string): Promise<T | null> {
  try {
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(15_000),
    });
    return response.ok ? ((await response.json()) as T) : null;
  } catch {
    return null;
  }
}

/** Has workers ask for payments of both wallets at all processes until it is ended. */
function startLoad(alive: () => readonly Process[], key: string) {
  const seen: Decided[] = [];
  let isEnded = false;
  let number = 0;
  const one = async (): Promise<void> => {
    const mine = ++number;
    const wallet = mine % 2 === 0 ? "hot" : "tight";
    const processes = alive();
    const url = processes[mine % processes.length]?.url ?? "";
    const context = { wallet_balance: "100000000", behaviour_score: 1, trusted_device: true };
    try {
      const response = await fetch(`${url}/v1/payments/p-${mine}`, {
        method: "PUT",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
        body: JSON.stringify({ wallet_id: wallet, amount: "1", ...context }),
        signal: AbortSignal.timeout(15_000),
      });
      const answer = (await response.json()) as { final?: string; decided_at_ms?: number };
      const { final = "", decided_at_ms: decidedMs = 0 } = answer;
      if (response.ok) seen.push({ wallet, final, decidedMs, url });
    } catch {
      // A process that was killed does not answer.
    }
  };
  const worker = async (): Promise<void> => {
    while (!isEnded) {
      await one();
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  };
  const workers = Array.from({ length: WORKERS }, worker);
  return {
    seen,
    async end() {
      isEnded = true;
      await Promise.all(workers);
    },
  };
}

const allowedOf = (seen: readonly Decided[], wallet: string): Decided[] =>
  seen.filter((one) => one.wallet === wallet && one.final === "ALLOW");

describe.skipIf(!isReady)("three processes on one ledger", { timeout: 300_000 }, () => {
  it("allow nothing on evidence that is out of date, and keep one limit, over a kill of the one that watches", async () => {
    const nodes = await startPair();
    endings.push(async () => {
      for (const node of nodes) await node.remove();
    });
    const shared = await makeSchema();
    endings.push(() => shared.drop());
    const { processes, keys } = await startThree(shared, nodes);
    const alive = new Set(processes);
    const statusOf = ({ url }: Process) => get<Status>(`${url}/v1/status`, keys.reader);
    const statuses = () => Promise.all([...alive].map(statusOf));
    const all = (state: string) => (found: readonly (Status | null)[]) =>
      found.every((one) => one?.state === state);
    await until(statuses, all("open"), 60_000);
    const watcher = async (): Promise<Process | undefined> => {
      const found = await Promise.all(
        [...alive].map(async (one) => [one, await statusOf(one)] as const),
      );
      return found.find(([, status]) => status?.role.watches === true)?.[0];
    };
    const kill = async (one: Process): Promise<number> => {
      alive.delete(one);
      const killedMs = Date.now();
      await one.kill();
      return killedMs;
    };

    const load = startLoad(() => [...alive], keys.wallet);
    endings.push(() => load.end());
    const served = (): Promise<number> =>
      Promise.resolve(new Set(allowedOf(load.seen, "hot").map(({ url }) => url)).size);
    await until(served, (count) => count === 3, 60_000);
    await until(
      () => Promise.resolve(allowedOf(load.seen, "tight").length),
      (count) => count >= TIGHT,
      60_000,
    );
    const first = await watcher();
    if (first === undefined) throw new Error("no process watches");
    const killedMs = await kill(first);
    await split(...nodes);
    await until(watcher, (found) => found !== undefined, 60_000);
    const tookMs = Date.now() - killedMs;
    await until(statuses, all("stopped"), 60_000);
    const asked = load.seen.length;
    await until(
      () => Promise.resolve(load.seen.length),
      (count) => count > asked + 30,
      60_000,
    );

    if (isFull) {
      const incidents = async () => {
        const [one] = alive;
        const found = await get<{ incidents: { incident_id: string }[] }>(
          `${one?.url ?? ""}/v1/incidents`,
          keys.reader,
        );
        return found?.incidents.map(({ incident_id }) => incident_id).sort() ?? [];
      };
      const before = await incidents();
      const second = await watcher();
      if (second === undefined) throw new Error("no process watches");
      await kill(second);
      await until(watcher, (found) => found !== undefined, 60_000);
      await until(statuses, all("stopped"), 60_000);
      expect(await until(incidents, ({ length }) => length >= before.length)).toEqual(
        expect.arrayContaining(before),
      );
    }
    await load.end();

    // What the killed process last wrote was composed before it was killed.
    const late = load.seen.filter(({ decidedMs }) => decidedMs > killedMs + EVIDENCE_STALE_MS);
    expect(late.length).toBeGreaterThan(30);
    expect(late.filter(({ final }) => final === "ALLOW")).toEqual([]);
    expect(allowedOf(load.seen, "tight")).toHaveLength(TIGHT);
    const log = processes.map((one) => one.log()).join("");
    expect(log).not.toMatch(/ERROR|unexpected failure/);
    console.info(
      `${load.seen.length} decisions, ${allowedOf(load.seen, "hot").length + TIGHT} allowed; another process watched ` +
        `${tookMs} ms after the kill; the last ALLOW was ${
          Math.max(
            ...load.seen.filter(({ final }) => final === "ALLOW").map(({ decidedMs }) => decidedMs),
          ) - killedMs
        } ms after it`,
    );
  });
});
