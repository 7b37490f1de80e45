/** Webhooks and the event stream of real processes that are killed: in the middle of a backlog, and while another one takes over. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@dgb-shield/client/http";
import { freePort } from "@dgb-shield/testkit/servers";
import { runs } from "@dgb-shield/testkit/runs";
import type { LedgerRecord } from "@dgb-shield/wallet-guardian";
import { createSqliteLedger } from "@dgb-shield/wallet-guardian/sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { eventIdOf, markOf } from "../../../src/service/runtime/places/place.js";
import { hasPostgres, POSTGRES_URL } from "../../support/postgres.js";
import { makeKeys, type ServeProcess, serveProcess } from "../../support/serve-process.js";
import { until } from "../../support/service.js";
import { makeSchema } from "../../support/several.js";
import { startReceiver, type WebhookReceiver } from "../../support/webhook-receiver.js";

const BACKLOG = runs(120, 600);
/** What the receiver thinks about each delivery: so long that a backlog is still there when the process is killed. */
const THINKING_MS = 15;

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

type Keys = Readonly<{ wallet: string; reader: string }>;
type Process = Readonly<{ serving: ServeProcess; url: string; config: string }>;

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "shield-webhook-processes-"));
  endings.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a configuration and starts a process on it. No node answers: each payment is refused, which is recorded too. */
async function start(folder: string, receiver: WebhookReceiver, more: object): Promise<Process> {
  const port = await freePort();
  const config = join(folder, `shield-${port}.json`);
  writeFileSync(
    config,
    JSON.stringify({
      ...{ config_version: 1, deployment_id: "webhooks", operator: "site", data_dir: folder },
      ...{ chain: "litecoin_regtest", mode: "enforce", keys_file: join(folder, "keys.json") },
      http: { port },
      guardian: { max_24h: "1000000", high_risk_freeze: false },
      nodes: [{ node_id: "node-1", url: "http://127.0.0.1:1", user: "u", password_env: "HOME" }],
      webhooks: [{ name: "ops", url: receiver.url, secret_file: receiver.secretFile }],
      ...more,
    }),
  );
  const serving = await serveProcess(config);
  endings.push(() => serving.kill());
  return { serving, url: `http://127.0.0.1:${port}`, config };
}

async function restart({ url, config }: Process): Promise<Process> {
  const serving = await serveProcess(config);
  endings.push(() => serving.kill());
  return { serving, url, config };
}

let number = 0;
/** Pays at the processes in turn; one that was killed in the middle does not answer. */
async function pay(urls: () => readonly string[], key: string, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const all = urls();
    const id = `p-${++number}`;
    const baseUrl = all[number % all.length] ?? "";
    const body = {
      ...{ wallet_id: "hot", amount: "1", wallet_balance: "1000" },
      ...{ behaviour_score: 1, trusted_device: true },
    };
    await createClient({ baseUrl, key, retries: 0 })
      .put("/v1/payments/{id}", { path: { id }, body })
      .catch(() => undefined);
  }
}

async function recordsOf(baseUrl: string, { reader }: Keys): Promise<LedgerRecord[]> {
  const client = createClient({ baseUrl, key: reader });
  const { records } = await client.get("/v1/records", { query: { after: 0, limit: 1_000 } });
  return records as LedgerRecord[];
}

/** Ids of what a receiver has that takes each id once, without those of the status. */
const recorded = (receiver: WebhookReceiver): string[] =>
  receiver
    .taken()
    .filter(({ type }) => type !== "status")
    .map(({ id }) => id);

describe("a webhook's backlog", { timeout: 240_000 }, () => {
  it("arrives whole, in order and once by its ids, though the process is killed in the middle of it, twice", async () => {
    const folder = newFolder();
    const ledger = createSqliteLedger({ path: join(folder, "ledger.sqlite"), create: true });
    const { ledger_id } = await ledger.identity();
    await ledger.close();
    const keys = await makeKeys(join(folder, "keys.json"));
    let isUp = false;
    const receiver = await startReceiver(join(folder, "ops.secret"), () => isUp, THINKING_MS);
    endings.push(() => receiver.close());
    let process = await start(folder, receiver, {});
    await pay(() => [process.url], keys.wallet, BACKLOG);
    await until(
      async () => receiver.refused(),
      (count) => count > 0,
    );
    expect(receiver.deliveries).toEqual([]);
    isUp = true;
    for (const least of [BACKLOG / 4, BACKLOG / 2]) {
      await process.serving.kill();
      process = await restart(process);
      await until(
        async () => recorded(receiver).length,
        (count) => count >= least,
        60_000,
      );
    }
    const records = await recordsOf(process.url, keys);
    expect(recorded(receiver).length).toBeLessThan(records.length);
    await process.serving.kill();
    process = await restart(process);
    await pay(() => [process.url], keys.wallet, 5);
    const all = await recordsOf(process.url, keys);
    await until(
      async () => recorded(receiver).length,
      (count) => count >= all.length,
      60_000,
    );
    expect(recorded(receiver)).toEqual(
      all.map((record) => eventIdOf(ledger_id, record.seq, markOf(record))),
    );
  });
});

describe.skipIf(!(await hasPostgres()))("two processes on one schema", { timeout: 240_000 }, () => {
  it("deliver from one of them, which the other replaces when it is killed; a reader at the other one misses nothing", async () => {
    const shared = await makeSchema();
    endings.push(() => shared.drop());
    const root = newFolder();
    const keys = await makeKeys(join(root, "keys.json"));
    const receiver = await startReceiver(join(root, "ops.secret"), () => true, THINKING_MS);
    endings.push(() => receiver.close());
    const more = (name: string) => ({
      data_dir: mkdtempSync(join(root, `${name}-`)),
      ledger: { kind: "postgres", url: POSTGRES_URL, schema: shared.schema },
    });
    const first = await start(root, receiver, more("first"));
    await until(
      async () => statusOf(first.url, keys),
      (status) => status.role.watches,
    );
    const second = await start(root, receiver, more("second"));
    const seen: string[] = [];
    const stop = new AbortController();
    endings.push(() => stop.abort());
    let isConnected = false;
    const reading = createClient({ baseUrl: second.url, key: keys.reader }).events({
      signal: stop.signal,
      onState: ({ connected }) => (isConnected ||= connected),
      onReset: () => void seen.push("reset"),
      onEvent({ id }) {
        if (id !== null) seen.push(id);
      },
    });
    await until(
      async () => isConnected,
      (is) => is,
    );

    let urls = [first.url, second.url];
    await pay(() => urls, keys.wallet, BACKLOG);
    expect(await deliveredBy(second.url, keys)).toBe(0);
    await until(
      async () => recorded(receiver).length,
      (count) => count >= BACKLOG / 8,
      60_000,
    );
    const paying = pay(() => urls, keys.wallet, BACKLOG / 2);
    await first.serving.kill();
    urls = [second.url];
    await paying;
    await until(
      async () => statusOf(second.url, keys),
      (status) => status.role.watches,
      60_000,
    );
    await pay(() => urls, keys.wallet, 5);
    const all = await recordsOf(second.url, keys);
    await until(
      async () => recorded(receiver).length,
      (count) => count >= all.length,
      60_000,
    );
    expect(await deliveredBy(second.url, keys)).toBeGreaterThan(0);
    const { rows } = await shared.pool.query<{ ledger_id: string }>(
      `SELECT ledger_id FROM ${shared.schema}.ledger`,
    );
    const ledgerId = rows[0]?.ledger_id ?? "";
    expect(recorded(receiver)).toEqual(
      all.map((record) => eventIdOf(ledgerId, record.seq, markOf(record))),
    );
    const read = await until(
      async () => seen.slice(1),
      ({ length }) => length >= all.length,
    );
    expect(seen[0]).toBe("reset");
    expect(read).toEqual(
      all.map(({ seq }, at) => expect.stringContaining(`-1-${seq}-${markOf(all[at]!)}`)),
    );
    stop.abort();
    await reading;
  });
});

const statusOf = (baseUrl: string, { reader }: Keys) =>
  createClient({ baseUrl, key: reader }).get("/v1/status");

/** Events that a process has delivered since its start. */
async function deliveredBy(baseUrl: string, { reader }: Keys): Promise<number> {
  const text = await createClient({ baseUrl, key: reader }).get("/metrics");
  return Number(/^shield_service_webhook_delivered_total\{[^}]*\} (\d+)$/m.exec(text)?.[1] ?? 0);
}
