/** 200 readers of the event stream of a real process that is killed: none misses an event, and one that does not read is cut off. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import { createClient } from "@dgb-shield/client/http";
import { freePort } from "@dgb-shield/testkit/servers";
import type { LedgerRecord } from "@dgb-shield/wallet-guardian";
import { createSqliteLedger } from "@dgb-shield/wallet-guardian/sqlite";
import { afterEach, describe, expect, it } from "vitest";
import { addKeys } from "../../src/service/keys/change-keys.js";
import { markOf, placeText } from "../../src/service/runtime/places/place.js";
import { type ServeProcess, serveProcess } from "../support/serve-process.js";
import { until } from "../support/service.js";

const READERS = 200;
const PAYMENTS = 240;
/** Records whose events fill every buffer between the service and a reader that does not read: 16 MB. */
const LARGE = 400;
const LARGE_CODES = Array.from({ length: 2_000 }, (_, i) => `large_reason_code_${i}`);

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** A deployment whose ledger begins with large records. */
async function deployment() {
  const folder = mkdtempSync(join(tmpdir(), "shield-readers-"));
  endings.push(() => rmSync(folder, { recursive: true, force: true }));
  const ledger = createSqliteLedger({ path: join(folder, "ledger.sqlite"), create: true });
  const { ledger_id } = await ledger.identity();
  const json = JSON.stringify({ record_version: 1, reason_codes: LARGE_CODES });
  for (let i = 0; i < LARGE; i += 50) {
    const records = Array.from({ length: 50 }, () => ({ kind: "claim", json }) as const);
    await ledger.transact({ now_ms: Date.now(), ids: [], scopes: [], freezes: null }, () => ({
      ...{ writes: { records }, result: null },
    }));
  }
  const [last] = await ledger.records(LARGE - 1, 1);
  if (last === undefined) throw new Error("no record");
  const begin = placeText({ ledger_id, epoch: 1, seq: LARGE, mark: markOf(last) });
  const port = await freePort();
  await ledger.close();
  const names = ["wallet", ...Array.from({ length: 14 }, (_, i) => `reader-${i}`)];
  const keys = await addKeys(
    { path: join(folder, "keys.json"), nowMs: Date.now, random: randomBytes },
    names.map((name) => ({
      ...{ role: name === "wallet" ? "wallet" : "reader", name, wallets: null },
      ...{ reports_for: null, expires_at_ms: null },
    })),
    { create: true },
  );
  const config = join(folder, "shield.json");
  writeFileSync(
    config,
    JSON.stringify({
      ...{ config_version: 1, deployment_id: "readers", operator: "site", data_dir: folder },
      ...{ chain: "litecoin_regtest", mode: "enforce" },
      http: {
        port,
        rate_limit: { per_key_per_minute: 1_000_000, per_address_per_minute: 1_000_000 },
      },
      guardian: { max_24h: "1000000", high_risk_freeze: false },
      nodes: [{ node_id: "node-1", url: "http://127.0.0.1:1", user: "u", password_env: "HOME" }],
    }),
  );
  const [wallet = "", ...readers] = keys.map(({ token }) => token);
  return { config, port, ledger_id, begin, wallet, readers, url: `http://127.0.0.1:${port}` };
}

describe("200 readers of the event stream", { timeout: 240_000 }, () => {
  it("have every record's event exactly once over a kill -9, and one that does not read is cut off", async () => {
    const { config, port, ledger_id, begin, wallet, readers, url } = await deployment();
    let serving: ServeProcess = await serveProcess(config);
    endings.push(() => serving.kill());
    const stop = new AbortController();
    setMaxListeners(0, stop.signal);
    endings.push(() => stop.abort());
    const seen = Array.from({ length: READERS }, () => [] as string[]);
    const connections = seen.map(() => 0);
    const streams = seen.map((ids, at) => {
      const client = createClient({ baseUrl: url, key: readers[at % 13] ?? "" });
      return client.events({
        signal: stop.signal,
        lastEventId: begin,
        onEvent({ id }) {
          if (id !== null) ids.push(id);
        },
        onReset: () => void ids.push("reset"),
        onState({ connected }) {
          connections[at]! += connected ? 1 : 0;
        },
      });
    });
    const isEach = (least: number) => connections.every((count) => count >= least);
    await until(
      async () => isEach(1),
      (all) => all,
      60_000,
    );

    const payer = createClient({ baseUrl: url, key: wallet, retries: 20, timeoutMs: 5_000 });
    let next = 0;
    const pay = async (): Promise<void> => {
      for (let number = next++; number < PAYMENTS; number = next++) {
        const answer = await payer.put("/v1/payments/{id}", {
          path: { id: `p-${number}` },
          body: {
            ...{ wallet_id: "hot", amount: "1", wallet_balance: "1000" },
            ...{ behaviour_score: 1, trusted_device: true },
          },
        });
        expect(answer.final).toBe("REFUSED");
      }
    };
    const paying = Promise.all(Array.from({ length: 8 }, pay));
    await until(
      async () => seen[0]!.length,
      (count) => count >= PAYMENTS / 3,
      60_000,
    );
    await serving.kill();
    serving = await serveProcess(config);
    await paying;
    await until(
      async () => isEach(2),
      (all) => all,
      60_000,
    );

    const auditor = createClient({ baseUrl: url, key: readers[13] ?? "" });
    let newest = LARGE;
    const expected: string[] = [];
    for (;;) {
      const { records } = await auditor.get("/v1/records", {
        query: { after: newest, limit: 100 },
      });
      if (records.length === 0) break;
      newest += records.length;
      for (const record of records as LedgerRecord[])
        expected.push(placeText({ ledger_id, epoch: 1, seq: record.seq, mark: markOf(record) }));
    }
    expect(newest - LARGE).toBeGreaterThanOrEqual(PAYMENTS);
    await until(
      async () => seen.every((ids) => ids.length >= newest - LARGE),
      (all) => all,
      60_000,
    );
    for (const ids of seen) expect(ids).toEqual(expected);

    // Behind 16 MB, and it reads nothing of them.
    const socket = connect(port, "127.0.0.1").pause();
    socket.on("error", () => undefined);
    endings.push(() => socket.destroy());
    socket.write(
      `GET /v1/events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${readers[13]}\r\nlast-event-id: ${ledger_id}-1-0\r\n\r\n`,
    );
    const metrics = () => auditor.get("/metrics");
    const cutOff = await until(metrics, (text) => /cut_off_total [1-9]/.test(text), 90_000);
    expect(cutOff).toMatch(/^shield_service_event_clients_cut_off_total 1$/m);
    expect(cutOff).toMatch(/^shield_service_event_clients 200$/m);
    const [, buffered] = /^shield_service_event_buffered_bytes (\d+)$/m.exec(cutOff) ?? [];
    expect(Number(buffered)).toBeLessThan(65_536);
    stop.abort();
    await Promise.all(streams);
  });
});
