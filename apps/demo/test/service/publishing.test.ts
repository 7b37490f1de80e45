/** Events of a real service over a real NATS server, which is away at first, over kills of both. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@dgb-shield/testkit/servers";
import { hasProgram } from "@dgb-shield/testkit/services";
import { createSqliteLedger } from "@dgb-shield/wallet-guardian/sqlite";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterEach, describe, expect, it } from "vitest";
import { makeKeys, type ServeProcess, serveProcess } from "../support/serve-process.js";
import { until } from "../support/service.js";

const hasNats = hasProgram(["nats-server", "--version"], "Debian: apt-get install nats-server");
const PAYMENTS = 30;
const STREAM = "shield_events";
/** What must not leave: of the account, the destination and the amount. */
const PERSONAL = ["alice@example.com", "rltc1qgx6303d3ald5y545g7u5t7ssaf9uf3rgh9sn0r", "12.34567"];

const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

type Event = Readonly<{
  event_id: string;
  action: string;
  extra: Readonly<Record<string, unknown>>;
}>;

function folderOf(): string {
  const folder = mkdtempSync(join(tmpdir(), "shield-publishing-"));
  endings.push(() => Promise.resolve(rmSync(folder, { recursive: true, force: true })));
  return folder;
}

async function startNats(port: number, folder: string): Promise<ChildProcess> {
  const args = ["-a", "127.0.0.1", "-p", String(port), "-js", "-sd", folder];
  const child = spawn("nats-server", args, { stdio: "ignore" });
  endings.push(() => kill(child));
  await until(
    () =>
      connect({ servers: `127.0.0.1:${port}` })
        .then((one) => one.close())
        .then(
          () => true,
          () => false,
        ),
    (isUp) => isUp,
  );
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}

/** Everything that the stream holds, in its order. */
async function streamed(port: number): Promise<readonly { text: string; event: Event }[]> {
  const connection = await connect({ servers: `127.0.0.1:${port}` });
  try {
    const manager = await jetstreamManager(connection);
    const { state } = await manager.streams.info(STREAM);
    const stream = await jetstream(connection).streams.get(STREAM);
    const all = [];
    for (let seq = state.first_seq; state.messages > 0 && seq <= state.last_seq; seq++) {
      const text = (await stream.getMessage({ seq }))?.string() ?? "";
      all.push({ text, event: JSON.parse(text) as Event });
    }
    return all;
  } catch {
    return [];
  } finally {
    await connection.close();
  }
}

async function pay(url: string, key: string, id: string): Promise<boolean> {
  const [account_id, address, amount] = PERSONAL;
  const response = await fetch(`${url}/v1/payments/${id}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({
      ...{ wallet_id: "hot", account_id, amount, destinations: [{ address, amount }] },
      ...{ wallet_balance: "100000", behaviour_score: 1, trusted_device: true },
    }),
    signal: AbortSignal.timeout(20_000),
  });
  return response.ok;
}

describe.skipIf(!hasNats)("events over NATS", { timeout: 180_000 }, () => {
  it("are all delivered, in order and without persons, though the server was away and both were killed", async () => {
    const folder = folderOf();
    const [port, natsPort] = [await freePort(), await freePort()];
    const ledger = createSqliteLedger({ path: join(folder, "ledger.sqlite"), create: true });
    await ledger.identity();
    await ledger.close();
    const { wallet, reader } = await makeKeys(join(folder, "keys.json"));
    const path = join(folder, "shield.json");
    writeFileSync(
      path,
      JSON.stringify({
        ...{ config_version: 1, deployment_id: "publishing", operator: "site", data_dir: folder },
        ...{ chain: "litecoin_regtest", http: { port }, mode: "enforce" },
        nodes: [{ node_id: "node-1", url: "http://127.0.0.1:1", user: "u", password_env: "HOME" }],
        guardian: { max_24h: "1000", high_risk_freeze: false },
        nats: { url: `nats://127.0.0.1:${natsPort}` },
      }),
    );
    const url = `http://127.0.0.1:${port}`;
    let serving: ServeProcess = await serveProcess(path);
    endings.push(() => serving.kill());
    let number = 0;
    const payAll = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) expect(await pay(url, wallet, `p-${++number}`)).toBe(true);
    };
    const metrics = async (): Promise<string> => {
      const headers = { authorization: `Bearer ${reader}` };
      return (await fetch(`${url}/metrics`, { headers })).text();
    };
    const paid = async () => {
      const ids = (await streamed(natsPort))
        .filter(({ event }) => event.action === "decision")
        .map(({ event }) => event.extra["withdrawal_id"]);
      return [...new Set(ids)];
    };

    // The server is away: decisions go on, what was decided waits, and a kill loses nothing of it.
    await payAll(PAYMENTS / 2);
    await until(metrics, (text) => /^shield_service_events_pending [1-9]/m.test(text));
    await serving.kill();
    serving = await serveProcess(path);
    await payAll(PAYMENTS / 2);
    await serving.kill();

    const store = join(folder, "nats");
    let nats = await startNats(natsPort, store);
    serving = await serveProcess(path);
    await until(paid, ({ length }) => length === PAYMENTS, 60_000);

    // Both end in the middle of it.
    await payAll(PAYMENTS / 2);
    await kill(nats);
    await payAll(PAYMENTS / 2);
    await serving.kill();
    serving = await serveProcess(path);
    nats = await startNats(natsPort, store);
    await until(paid, ({ length }) => length === 2 * PAYMENTS, 60_000);
    expect(await paid()).toEqual(Array.from({ length: 2 * PAYMENTS }, (_, i) => `p-${i + 1}`));

    // What the status is is an event as well, once it was looked at.
    await fetch(`${url}/v1/status`, { headers: { authorization: `Bearer ${reader}` } });
    const all = await until(
      () => streamed(natsPort),
      (found) => found.some(({ event }) => event.action === "status"),
    );
    // First arrivals are in the order of the ledger.
    const firsts = new Map(all.map(({ event }) => [event.event_id, event] as const).reverse());
    const seqs = [...firsts.values()]
      .reverse()
      .flatMap(({ extra }) => (typeof extra["seq"] === "number" ? [extra["seq"]] : []));
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    const texts = all.map(({ text }) => text).join("\n");
    for (const personal of PERSONAL) expect(texts).not.toContain(personal);
    await until(metrics, (text) => /^shield_service_events_pending 0$/m.test(text), 60_000);
    expect(await metrics()).toMatch(/^shield_service_events_dropped_total 0$/m);
  });
});
