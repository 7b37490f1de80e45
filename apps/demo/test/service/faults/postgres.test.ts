/** PostgreSQL that is gone, dead, back, and failed over to a standby with and without the latest commits. */
import { randomBytes } from "node:crypto";
import { createPostgresLedger } from "@dgb-shield/wallet-guardian/postgres";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { EXIT } from "../../../src/errors.js";
import type { BackEnd } from "../../support/faults/back-end.js";
import { expectNothingLeaked, expectNothingLost, spentOf } from "../../support/faults/checks.js";
import {
  type Cluster,
  hasClusters,
  startPrimary,
  startStandby,
} from "../../support/faults/postgres-cluster.js";
import { faultSuite } from "../../support/faults/suite.js";
import { startTcpProxy } from "../../support/faults/tcp-proxy.js";

const { hasNode, serve, running, atEnd } = faultSuite();
const PASSWORD = "planted-database-password";

const urlOf = (port: number): string =>
  `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`;

/** A ledger on a server of its own, behind a proxy. */
async function database() {
  const primary = await startPrimary();
  atEnd(primary.remove);
  const proxy = await startTcpProxy(primary.port);
  atEnd(proxy.close);
  const schema = `faults_${randomBytes(3).toString("hex")}`;
  const pool = new pg.Pool({ connectionString: urlOf(primary.port) });
  const ledger = createPostgresLedger({ pool, schema, create: true });
  await ledger.identity();
  await ledger.close();
  await pool.end();
  const config = { ledger: { kind: "postgres", url_env: "FAULTS_URL", schema } };
  return { primary, proxy, options: { config, env: { FAULTS_URL: urlOf(proxy.port) } } };
}

async function standbyOf(primary: Cluster): Promise<Cluster> {
  const standby = await startStandby(primary);
  atEnd(standby.remove);
  return standby;
}

const sound = (backEnd: BackEnd, ...logs: readonly string[]): void => {
  backEnd.site.secrets.push(PASSWORD);
  expectNothingLeaked(backEnd, ...logs);
};

/** Waits until payments are refused because the database or the lease is gone. */
async function untilRefused(backEnd: BackEnd): Promise<void> {
  const from = backEnd.codes.length;
  await backEnd.until("ledger_unavailable").catch(() => undefined);
  const codes = new Set(backEnd.codes.slice(from));
  expect([...codes].filter((code) => !REFUSALS.has(code))).toEqual([]);
}
const REFUSALS = new Set([
  ...["ALLOW", "ledger_unavailable", "approvals_unavailable", "state_unavailable"],
]);

describe.skipIf(!hasNode || !hasClusters)("PostgreSQL", { timeout: 300_000 }, () => {
  it("that is cut off, or dead, refuses payments until it answers again", async () => {
    const { proxy, primary, options } = await database();
    const { served, backEnd } = await running(options);
    const stop = backEnd.load(2);
    for (const fault of ["cut", "dead"] as const) {
      proxy.set(fault);
      const before = backEnd.acknowledged.allowed.size;
      const refused = await backEnd.until("approvals_unavailable");
      expect(refused.status).toBe(503);
      expect((await backEnd.ask("GET /readyz"))?.status ?? 503).toBe(503);
      proxy.set("cut");
      proxy.set("pass");
      await backEnd.until("ALLOW");
      expect(backEnd.acknowledged.allowed.size).toBeGreaterThan(before);
    }
    primary.crash();
    await untilRefused(backEnd);
    primary.start();
    await backEnd.until("ALLOW");
    await stop();
    await expectNothingLost(backEnd);
    sound(backEnd, served.log());
  });

  it("that fails over to a standby with every commit goes on by itself", async () => {
    const { proxy, primary, options } = await database();
    const { served, backEnd } = await running(options);
    const standby = await standbyOf(primary);
    const stop = backEnd.load(2);
    await backEnd.until("ALLOW");
    await stop();
    await caughtUp(primary, standby);
    primary.crash();
    standby.promote();
    proxy.turnTo(standby.port);
    await backEnd.until("ALLOW");
    await expectNothingLost(backEnd);
    sound(backEnd, served.log());
  });

  it("that fails over to a standby without the latest commits is refused until it is adopted", async () => {
    const { proxy, primary, options } = await database();
    const { site, served, backEnd } = await running(options);
    const standby = await standbyOf(primary);
    await caughtUp(primary, standby);
    await cutOff(standby);
    const stop = backEnd.load(2);
    await backEnd.until("ALLOW");
    await stop();
    const paid = await spentOf(backEnd);
    primary.crash();
    standby.promote();
    proxy.turnTo(standby.port);
    await backEnd.until("ledger_unavailable");
    const allowed = backEnd.acknowledged.allowed.size;
    for (let i = 0; i < 5; i++) await backEnd.decide();
    expect(backEnd.acknowledged.allowed.size).toBe(allowed);
    expect(served.log()).toMatch(/lacks a record that was acknowledged/);
    await served.end();
    // A restart does not forget it: the witness is in data_dir.
    const { code, text } = await site.command("serve");
    expect(code).toBe(EXIT.bad_data_folder);
    expect(text).toMatch(/lacks a record that was acknowledged|adopt/);
    const order = ["--operator", "ann", "--reason", "failed over"];
    expect(await site.command("ledger", "adopt", ...order)).toMatchObject({ code: EXIT.done });
    const again = await serve(site);
    await backEnd.until("ALLOW");
    expect(await spentOf(backEnd)).toBeLessThan(paid + 100);
    sound(backEnd, served.log(), again.log(), text);
  });
});

const ask = async (cluster: Cluster, text: string): Promise<string> => {
  const client = new pg.Client({ connectionString: urlOf(cluster.port) });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, string>>(text);
    return Object.values(rows[0] ?? {})[0] ?? "";
  } finally {
    await client.end();
  }
};

/** Waits until a standby has replayed what its primary has written. */
async function caughtUp(primary: Cluster, standby: Cluster): Promise<void> {
  const written = await ask(primary, "SELECT pg_current_wal_lsn()::text");
  for (let tries = 0; tries < 300; tries++) {
    const isThere = await ask(
      standby,
      `SELECT (pg_last_wal_replay_lsn() >= '${written}'::pg_lsn)::text`,
    );
    if (isThere === "true") return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the standby does not follow");
}

/** Cuts a standby off from its primary, as a broken line between two sites does. */
async function cutOff(standby: Cluster): Promise<void> {
  await ask(standby, "ALTER SYSTEM SET primary_conninfo = ''");
  await ask(standby, "SELECT pg_reload_conf()::text");
  for (let tries = 0; tries < 300; tries++) {
    if ((await ask(standby, "SELECT count(*)::text FROM pg_stat_wal_receiver")) === "0") return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("the standby still follows");
}
