/** What a service keeps, over restarts, beside others, and where it is missing. */
import { randomUUID } from "node:crypto";
import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createPostgresLedger } from "@dgb-shield/wallet-guardian/postgres";
import pg from "pg";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { createApprovalFile } from "../../../src/service/runtime/approvals/file.js";
import { createApprovalTable } from "../../../src/service/runtime/approvals/table.js";
import { createLease } from "../../../src/service/runtime/lease.js";
import { createStateTable } from "../../../src/service/runtime/state-table.js";
import { hasPostgres, POSTGRES_URL } from "../../support/postgres.js";
import { deploy, type Deployment } from "../../support/service.js";

const NOW_MS = Date.UTC(2026, 10, 1);
const BINDS = "ab".repeat(32);
const approvalOf = (fields: object = {}) => ({
  ...{ payment_id: "p-1", approver: "ann", approved_at_ms: NOW_MS, binds: BINDS, ...fields },
});

const deployments: Deployment[] = [];
afterEach(() => {
  for (const deployment of deployments.splice(0)) deployment.remove();
});
async function deployed(): Promise<Deployment> {
  const deployment = await deploy();
  deployments.push(deployment);
  return deployment;
}

describe("approvals in a file", () => {
  it("are there after a restart, each once, and none that a crash cut off or that expired", async () => {
    const { config } = await deployed();
    const path = join(config.data_dir, "approvals.jsonl");
    let now = NOW_MS;
    const first = createApprovalFile(path, () => now);
    const added = [approvalOf(), approvalOf(), approvalOf({ approver: "ben" })];
    await Promise.all(added.map((one) => first.add(one)));
    appendFileSync(path, '{"payment_id":"p-1","approver":"eve","appro');
    const again = createApprovalFile(path, () => now);
    expect((await again.of("p-1")).map(({ approver }) => approver)).toEqual(["ann", "ben"]);
    await again.add(approvalOf({ approver: "cleo" }));
    expect(
      readFileSync(path, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toHaveLength(3);
    now += 86_400_000;
    expect(await again.of("p-1")).toEqual([]);
    // Given anew after a day, it counts anew.
    await again.add(approvalOf({ approved_at_ms: now }));
    expect(await again.of("p-1")).toHaveLength(1);
    now = NOW_MS - 1;
    expect(await again.of("p-1")).toEqual([]);
  });

  it("reject where the file cannot be written, and are none then", async () => {
    const store = createApprovalFile("/proc/approvals.jsonl", () => NOW_MS);
    await expect(store.add(approvalOf())).rejects.toThrow();
    expect(await store.of("p-1")).toEqual([]);
  });
});

describe("a service on files", () => {
  const noNode = { node_id: "node-1", url: "http://127.0.0.1:1" };

  it("has its data_dir alone", async () => {
    const { config, remove } = await deploy({ nodes: [noNode] });
    const { createService } = await import("../../../src/service/runtime/index.js");
    const options = { log: () => undefined };
    const first = await createService(config, options);
    await expect(createService(config, options)).rejects.toMatchObject({ code: "in_use" });
    await first.close();
    await (await createService(config, options)).close();
    remove();
  });

  it.each([
    ["is missing", "ledger_missing", (path: string) => rmSync(path)],
    ["is empty", "ledger_failed", (path: string) => writeFileSync(path, "")],
    ["is no database", "ledger_failed", (path: string) => writeFileSync(path, "x".repeat(5_000))],
  ])("does not start where its ledger %s, and says what to do", async (_, code, spoil) => {
    const deployment = await deploy({ nodes: [noNode] });
    deployments.push(deployment);
    spoil(deployment.config.files.ledger);
    for (const end of ["-wal", "-shm"])
      rmSync(deployment.config.files.ledger + end, { force: true });
    const failure = deployment.start();
    await expect(failure).rejects.toMatchObject({ code });
    await expect(failure).rejects.toThrow(/cannot use the ledger: .{20}/);
  });
});

describe.skipIf(!(await hasPostgres()))("a service on PostgreSQL", () => {
  const schema = `service_${randomUUID().slice(0, 8)}`;
  const pool = new pg.Pool({ connectionString: POSTGRES_URL, max: 8 });
  afterAll(async () => {
    await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await pool.end();
  });
  const logged: string[] = [];
  const lease = () => createLease(pool, schema, (text) => void logged.push(text));

  it("has one process that watches; a standby takes over when it ends, and the first never comes back", async () => {
    const ledger = createPostgresLedger({ pool, schema, create: true });
    await ledger.identity();
    const [first, second] = [lease(), lease()];
    await first.acquire(undefined);
    expect(first.isHeld()).toBe(true);
    const waiting = second.acquire(undefined);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(second.isHeld()).toBe(false);
    expect(logged.join()).toMatch(/standby/);
    await pool.query(`DELETE FROM ${schema}.service_lease`);
    await waiting;
    expect(second.isHeld()).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    expect(first.isHeld()).toBe(false);
    await second.close();
    await first.close();
    await ledger.close();
  });

  it("ends its wait when it is aborted", async () => {
    const [first, second] = [lease(), lease()];
    await first.acquire(undefined);
    const stopping = new AbortController();
    const waiting = second.acquire(stopping.signal);
    stopping.abort();
    await expect(waiting).rejects.toMatchObject({ code: "stopped" });
    await first.close();
  });

  it("keeps the state of layers 1 to 3, and saves none once another process watches", async () => {
    let isHeld = true;
    const store = await createStateTable(pool, schema, () => isHeld);
    expect(store.load()).toBeNull();
    await store.save("one");
    await store.save("two");
    expect((await createStateTable(pool, schema, () => isHeld)).load()).toBe("two");
    isHeld = false;
    await expect(Promise.resolve(store.save("three"))).rejects.toThrow(/another process/);
    expect((await createStateTable(pool, schema, () => true)).load()).toBe("two");
  });

  it("keeps approvals for every process", async () => {
    const stores = await Promise.all(
      Array.from({ length: 4 }, () => createApprovalTable(pool, schema, () => NOW_MS)),
    );
    await Promise.all(stores.map((store) => store.add(approvalOf())));
    await stores[0]?.add(approvalOf({ approver: "ben", approved_at_ms: NOW_MS - 86_400_000 }));
    expect(await stores[3]?.of("p-1")).toEqual([approvalOf()]);
    await stores[1]?.add(approvalOf({ approver: "ben" }));
    expect((await stores[2]?.of("p-1"))?.map(({ approver }) => approver)).toEqual(["ann", "ben"]);
  });
});
