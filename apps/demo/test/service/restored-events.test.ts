/** A backup that is restored and adopted, while a stream client and a webhook's receiver have seen more than it holds. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient, type StreamReset } from "@dgb-shield/client/http";
import { freePort } from "@dgb-shield/testkit/servers";
import type { LedgerRecord } from "@dgb-shield/wallet-guardian";
import { createSqliteLedger } from "@dgb-shield/wallet-guardian/sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { eventIdOf, markOf } from "../../src/service/runtime/places/place.js";
import { makeKeys, type ServeProcess, serveProcess } from "../support/serve-process.js";
import { until } from "../support/service.js";
import { shield } from "../support/shield.js";
import { startReceiver } from "../support/webhook-receiver.js";

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** A deployment with a webhook. No node answers: each payment is refused, which is recorded too. */
async function deployment() {
  const folder = mkdtempSync(join(tmpdir(), "shield-restored-"));
  endings.push(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "ledger.sqlite");
  const ledger = createSqliteLedger({ path, create: true });
  const { ledger_id } = await ledger.identity();
  await ledger.close();
  const receiver = await startReceiver(join(folder, "ops.secret"));
  endings.push(() => receiver.close());
  const keys = await makeKeys(join(folder, "keys.json"));
  const port = await freePort();
  const config = join(folder, "shield.json");
  writeFileSync(
    config,
    JSON.stringify({
      ...{ config_version: 1, deployment_id: "restored", operator: "site", data_dir: folder },
      ...{ chain: "litecoin_regtest", mode: "enforce", http: { port } },
      guardian: { max_24h: "1000000", high_risk_freeze: false },
      nodes: [{ node_id: "node-1", url: "http://127.0.0.1:1", user: "u", password_env: "HOME" }],
      webhooks: [{ name: "ops", url: receiver.url, secret_file: receiver.secretFile }],
    }),
  );
  return { config, path, ledger_id, keys, receiver, url: `http://127.0.0.1:${port}` };
}

type Made = Awaited<ReturnType<typeof deployment>>;

let number = 0;
async function pay({ url, keys }: Made, count: number): Promise<void> {
  const client = createClient({ baseUrl: url, key: keys.wallet });
  for (let i = 0; i < count; i++) {
    await client.put("/v1/payments/{id}", {
      path: { id: `p-${++number}` },
      body: {
        ...{ wallet_id: "hot", amount: "1", wallet_balance: "1000" },
        ...{ behaviour_score: 1, trusted_device: true },
      },
    });
  }
}

/** A reader that keeps what has happened by the events alone, over all connections. */
function startReader({ url, keys }: Made) {
  const stop = new AbortController();
  const kept = new Map<number, string>();
  const resets: StreamReset[] = [];
  let seen = 0;
  const running = createClient({ baseUrl: url, key: keys.reader }).events({
    signal: stop.signal,
    onReset(reset) {
      resets.push(reset);
      if (reset.kind === "epoch")
        for (const seq of kept.keys()) if (seq >= reset.from_seq) kept.delete(seq);
    },
    onEvent({ id, seq, data }) {
      if (id === null || seq === null) return;
      expect(kept.has(seq), JSON.stringify(data)).toBe(false);
      kept.set(seq, id.slice(-16));
      seen++;
    },
  });
  endings.push(async () => {
    stop.abort();
    await running;
  });
  return { kept, resets, seen: () => seen };
}

async function recordsOf({ url, keys }: Made): Promise<LedgerRecord[]> {
  const client = createClient({ baseUrl: url, key: keys.reader });
  const { records } = await client.get("/v1/records", { query: { after: 0, limit: 1_000 } });
  return records as LedgerRecord[];
}

describe("a restored and adopted backup", { timeout: 180_000 }, () => {
  it.each([
    ["is still shorter than what they have seen", 1],
    ["has grown beyond what they have seen", 40],
  ])("is read and delivered from where its epoch began, while it %s", async (_, after) => {
    const made = await deployment();
    const { path, receiver } = made;
    let serving: ServeProcess = await serveProcess(made.config);
    endings.push(() => serving.kill());
    const restart = async (between: () => unknown): Promise<void> => {
      const ended = new Promise((resolve) => serving.child.once("exit", resolve));
      serving.child.kill("SIGTERM");
      await ended;
      await between();
      serving = await serveProcess(made.config);
    };
    const reader = startReader(made);
    await until(
      async () => reader.resets.length,
      (count) => count === 1,
    );
    await pay(made, 10);
    let backedUp = 0;
    await restart(() => copyFileSync(path, `${path}.backup`));
    backedUp = (await recordsOf(made)).length;
    await pay(made, 20);
    const before = (await recordsOf(made)).length;
    await until(
      async () => [
        reader.kept.size,
        receiver.taken().filter(({ type }) => type !== "status").length,
      ],
      ([read, taken]) => read === before && taken === before,
    );

    await restart(async () => {
      for (const end of ["-wal", "-shm"]) rmSync(path + end, { force: true });
      copyFileSync(`${path}.backup`, path);
      const order = ["--operator", "ann", "--reason", "restored from the backup"];
      const adoption = await shield("ledger", "adopt", "--config", made.config, ...order);
      expect(adoption.code, adoption.stderr).toBe(0);
    });
    await pay(made, after);
    const records = await recordsOf(made);
    const marks = records.map((record) => [record.seq, markOf(record)] as const);
    await until(
      async () => [...reader.kept],
      (kept) => JSON.stringify(kept) === JSON.stringify(marks),
    );
    expect(reader.resets.slice(1)).toEqual([{ kind: "epoch", epoch: 2, from_seq: backedUp + 1 }]);
    expect(reader.seen()).toBe(before + records.length - backedUp);

    const ids = marks.map(([seq, mark]) => eventIdOf(made.ledger_id, seq, mark));
    const taken = await until(
      async () => receiver.taken().filter(({ type }) => type !== "status"),
      (all) => all.length === before + records.length - backedUp,
    );
    // In order and once, to one that removes duplicates by their ids.
    expect(taken.slice(before).map(({ id }) => id)).toEqual(ids.slice(backedUp));
    expect(taken.slice(0, backedUp).map(({ id }) => id)).toEqual(ids.slice(0, backedUp));
    expect(taken[before]).toMatchObject({ type: "adopted", data: { epoch: 2 } });
  });
});
