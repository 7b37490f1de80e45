/** What a service keeps, over restarts, beside others, and where it is missing. */
import { randomUUID } from "node:crypto";
import { appendFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createPostgresLedger } from "@dgb-shield/wallet-guardian/postgres";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createApprovalFile } from "../../../src/service/runtime/approvals/file.js";
import {
  APPROVAL_VALID_MS,
  type ApprovalStore,
  MAX_APPROVALS,
} from "../../../src/service/runtime/approvals/store.js";
import { createApprovalTable } from "../../../src/service/runtime/approvals/table.js";
import { createLease, createLeaseTables, holdLease } from "../../../src/service/runtime/lease.js";
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

/** Gives as many approvals of a payment as are kept, and one more. */
async function oneTooMany(store: ApprovalStore): Promise<void> {
  const given = Array.from({ length: MAX_APPROVALS + 1 }, (_, i) =>
    approvalOf({ approver: `a-${String(i).padStart(2, "0")}` }),
  );
  const answers = await Promise.allSettled(given.map((one) => store.add(one)));
  const refused = answers.filter(({ status }) => status === "rejected");
  expect(refused).toMatchObject([{ reason: { code: "too_many_approvals" } }]);
  expect(await store.of("p-1")).toHaveLength(MAX_APPROVALS);
  // One that is known already is no further one.
  await store.add(approvalOf({ approver: "a-00" }));
  // Another payment has room of its own.
  await store.add(approvalOf({ payment_id: "p-2" }));
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

  it("are refused where the payment has as many as are kept, until those end", async () => {
    const { config } = await deployed();
    let now = NOW_MS;
    const store = createApprovalFile(join(config.data_dir, "approvals.jsonl"), () => now);
    await oneTooMany(store);
    now += APPROVAL_VALID_MS;
    const anew = approvalOf({ approver: "a-64", approved_at_ms: now });
    await store.add(anew);
    expect(await store.of("p-1")).toEqual([anew]);
  });

  it("reject where the file cannot be written, and are none then", async () => {
    const store = createApprovalFile("/proc/approvals.jsonl", () => NOW_MS);
    await expect(store.add(approvalOf())).rejects.toMatchObject({ code: "approvals_unavailable" });
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
  const log = (text: string): void => void logged.push(text);
  const lease = (name = "test") => createLease(pool, schema, { name, log });
  const generationNow = async (): Promise<number> => {
    const { rows } = await pool.query<{ generation: string }>(
      `SELECT generation::text FROM ${schema}.service_evidence`,
    );
    return Number(rows[0]?.generation);
  };
  beforeAll(async () => {
    const ledger = createPostgresLedger({ pool, schema, create: true });
    await ledger.identity();
    await ledger.close();
    await Promise.all(Array.from({ length: 4 }, () => createLeaseTables(pool, schema)));
  });

  it("has one process that watches; the next one begins beyond every number of the one before", async () => {
    const [first, second] = [lease(), lease()];
    const taken = await first.take();
    expect(taken).not.toBeNull();
    expect([first.isHeld(), second.isHeld()]).toEqual([true, false]);
    expect(await second.take()).toBeNull();
    const row = { generation: (taken?.generation ?? 0) + 3, as_of_ms: 1, decision: "{}" };
    expect(await first.renew({ ...row, shown: "shown" })).not.toBeNull();
    expect(await generationNow()).toBe(row.generation);
    await pool.query(`UPDATE ${schema}.service_lease SET ends_at = now() - interval '1 second'`);
    const next = await second.take();
    expect(next?.generation).toBeGreaterThan(row.generation + 1_000_000);
    expect(await generationNow()).toBe(next?.generation);
    // What the first one still writes changes nothing.
    expect(await first.renew({ ...row, shown: undefined })).toBeNull();
    expect(first.isHeld()).toBe(false);
    expect(await generationNow()).toBe(next?.generation);
    expect(logged.join()).toMatch(/another process watches/);
    await first.release();
    expect(await lease().take()).toBeNull();
    await second.release();
    expect(await first.take()).not.toBeNull();
    await first.release();
  });

  it("gives the lease to one of many that take it at once", async () => {
    const many = Array.from({ length: 8 }, () => lease());
    const taken = await Promise.all(many.map((one) => one.take()));
    expect(taken.filter((one) => one !== null)).toHaveLength(1);
    await Promise.all(many.map((one) => one.release()));
  });

  it("has a trial wait for another one, until it is aborted", async () => {
    const first = await holdLease(lease(), { stop: undefined, log });
    const stopping = new AbortController();
    const waiting = holdLease(lease(), { stop: stopping.signal, log });
    stopping.abort();
    await expect(waiting).rejects.toMatchObject({ code: "stopped" });
    await first();
  });

  it("keeps the state of layers 1 to 3, and saves none once another process watches", async () => {
    const [first, second] = [lease(), lease()];
    await first.take();
    const store = await createStateTable(pool, schema, first);
    expect(store.load()).toBeNull();
    await store.save("one");
    await store.save("two");
    expect((await createStateTable(pool, schema, first)).load()).toBe("two");
    await first.release();
    await second.take();
    await expect(Promise.resolve(store.save("three"))).rejects.toThrow(/another process/);
    const later = await createStateTable(pool, schema, second);
    expect(later.load()).toBe("two");
    await later.save("four");
    await second.release();
    const adopting = await createStateTable(pool, schema, null);
    await adopting.save("five");
    expect((await createStateTable(pool, schema, null)).load()).toBe("five");
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

  it("refuses one approval too many, until those before end", async () => {
    await pool.query(`DELETE FROM ${schema}.service_approvals`);
    let now = NOW_MS;
    const store = await createApprovalTable(pool, schema, () => now);
    await oneTooMany(store);
    now += APPROVAL_VALID_MS;
    const anew = approvalOf({ approver: "a-64", approved_at_ms: now });
    await store.add(anew);
    expect(await store.of("p-1")).toEqual([anew]);
  });
});
