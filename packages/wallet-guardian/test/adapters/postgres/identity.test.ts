/** A process rejects a PostgreSQL ledger that lacks what it has acknowledged: after a fail-over, a restore, an upgrade. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { canonicalize } from "@dgb-shield/contract";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  adoptPostgresLedger,
  createPostgresLedger,
  type PostgresPool,
} from "../../../src/adapters/postgres/index.js";
import { rememberLedger } from "../../../src/adapters/postgres/identity.js";
import { run } from "../../../src/adapters/command/run.js";
import { harness, said, START_MS } from "../../support/guardian.js";
import { hasPostgres, newPool, newSchema, POSTGRES_URL } from "../../support/postgres.js";
import {
  newServers,
  serverPrograms,
  type Server,
  type Servers,
} from "../../support/postgres-servers.js";

const LIMITED = { max_24h: "1000" };
const UNAVAILABLE = "REJECT ledger_unavailable";
const ALLOW = "ALLOW within_limits";
const ORDER = { operator: "ann", reason: "restored" };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function poolOf(url: string, options?: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 4, ...(options && { options }) });
  pool.on("error", () => undefined);
  cleanUps.push(() => pool.end());
  return pool;
}

/** A process whose connections lead to another server from some time on. */
function switching(first: pg.Pool) {
  let current = first;
  const pool: PostgresPool = { connect: () => current.connect() };
  return {
    pool,
    to: (next: pg.Pool) => {
      current = next;
    },
  };
}

describe("rememberLedger", () => {
  it("keeps the later epoch, where a transaction of the earlier one ends after it", () => {
    const memory = rememberLedger(undefined);
    const state = { version: 3, ledger_id: "ab".repeat(16), pruned_entry: 0, records: [] };
    const stateOf = (epoch: number) => ({ ...state, epoch, is_global_kept: true });
    memory.acknowledge(stateOf(2), { entry: 8, hash: "later" });
    memory.acknowledge(stateOf(1), { entry: 7, hash: "earlier" });
    expect(memory.known()).toMatchObject({ epoch: 2, records: [{ entry: 8, hash: "later" }] });
  });
});

describe.skipIf(!hasPostgres)("a PostgreSQL ledger's identity", () => {
  function place() {
    const schema = newSchema();
    const pool = newPool(6);
    const folder = mkdtempSync(join(tmpdir(), "guardian-witness-"));
    cleanUps.push(async () => {
      rmSync(folder, { recursive: true });
      await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
      await pool.end();
    });
    const witness = join(folder, "witness.json");
    const start = (more: object = {}) =>
      harness(
        LIMITED,
        createPostgresLedger({ pool, schema, clock: "caller", limitMs: 20_000, ...more }),
      );
    return { schema, pool, witness, start };
  }

  it("is refused by a running process where a record is missing or another, until it is adopted", async () => {
    const { schema, pool, start } = place();
    const { ask, ledger } = start();
    expect(said(await ask("a", "1"))).toBe(ALLOW);
    await pool.query(
      `UPDATE ${schema}.records SET record = '{}' WHERE entry = (SELECT max(entry) FROM ${schema}.records)`,
    );
    expect(said(await ask("b", "1"))).toBe(UNAVAILABLE);
    await pool.query(`DELETE FROM ${schema}.records`);
    expect(said(await ask("b", "1"))).toBe(UNAVAILABLE);
    const step = { settled_before_ms: 1, sums_before_ms: null, records_through_seq: 9, limit: 9 };
    const order = {
      ahead_ms: 0,
      recordOf: () => ({ kind: "clock_accepted", json: "{}" }) as const,
    };
    for (const call of [
      () => ledger.withdrawal("a"),
      () => ledger.records(0, 1),
      () => ledger.unsettled("", 1),
      () => ledger.prune(step),
      () => ledger.acceptClock(0, order),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: "ledger_unavailable" });
    }
    // another process has nothing that it could miss
    expect(said(await start().ask("c", "1"))).toBe(ALLOW);
    expect(said(await ask("b", "1"))).toBe(UNAVAILABLE);
    expect(await adoptPostgresLedger({ pool, schema, ...ORDER })).toMatchObject({ epoch: 2 });
    expect(said(await ask("b", "1"))).toBe(ALLOW);
  });

  it("is the same where its records were pruned", async () => {
    const { start } = place();
    const { ask, ledger } = start();
    await ask("a", "1");
    const step = {
      settled_before_ms: null,
      sums_before_ms: null,
      records_through_seq: 1_000,
      limit: 1_000,
    };
    expect(await ledger.prune(step)).toMatchObject({ done: true });
    expect(said(await ask("b", "1"))).toBe(ALLOW);
  });

  it("is the same where personal data was erased from a record that it knows", async () => {
    const { pool, schema, start } = place();
    const { ask, ledger } = start();
    expect(said(await ask("a", "1"))).toBe(ALLOW);
    const [last] = (await ledger.records(0, 1_000)).slice(-1);
    const personal = { erased: { "/x": "ab".repeat(32) }, salts: {} };
    const json = canonicalize({ ...last!.record, personal });
    await start().ledger.transact({ now_ms: 1, ids: [], scopes: [], freezes: null }, () => ({
      result: null,
      writes: { redactions: [{ seq: last!.seq, was: last!.record, json }], keep_times: true },
    }));
    expect((await ledger.records(last!.seq - 1, 1))[0]?.record).toHaveProperty("personal");
    expect(said(await ask("b", "1"))).toBe(ALLOW);
    await pool.query(`DELETE FROM ${schema}.records WHERE seq = ${last!.seq}`);
    expect(said(await ask("c", "1"))).toBe(UNAVAILABLE);
  });

  it("is carried over restarts by a witness", async () => {
    const { schema, pool, witness, start } = place();
    expect(said(await start({ witness }).ask("a", "1"))).toBe(ALLOW);
    const said1 = JSON.parse(readFileSync(witness, "utf8")) as { ledger_id: string; epoch: number };
    expect(said1).toMatchObject({
      ledger_id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      epoch: 1,
    });
    expect(said(await start({ witness }).ask("b", "1"))).toBe(ALLOW);
    await pool.query(
      `DELETE FROM ${schema}.records WHERE entry = (SELECT max(entry) FROM ${schema}.records)`,
    );
    expect(said(await start({ witness }).ask("c", "1"))).toBe(UNAVAILABLE);
    await pool.query(`DROP SCHEMA ${schema} CASCADE`);
    // nothing is made in its place
    expect(said(await start({ witness }).ask("c", "1"))).toBe(UNAVAILABLE);
    const { rows } = await pool.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", [schema]);
    expect(rows).toEqual([]);
    // another ledger in its place is rejected as well
    expect(said(await start().ask("c", "1"))).toBe(ALLOW);
    expect(said(await start({ witness }).ask("d", "1"))).toBe(UNAVAILABLE);
    writeFileSync(witness, "{}");
    expect(() => createPostgresLedger({ pool, schema, witness })).toThrow("no witness can be read");
  });

  it("is served while its witness cannot be written, which the next commit tries again", async () => {
    const { schema, pool, witness, start } = place();
    const [folder, gone] = [`${witness}.d`, `${witness}.d/witness.json`];
    const { ask, guardian } = start({ witness: gone });
    for (const id of ["a", "b"]) expect(said(await ask(id, "1"))).toBe(ALLOW);
    expect(await guardian.acceptClock(ORDER)).toMatchObject({ accepted: true });
    mkdirSync(folder);
    expect(said(await ask("c", "1"))).toBe(ALLOW);
    const { seq } = JSON.parse(readFileSync(gone, "utf8")) as { seq: number };
    const newest = `SELECT max(entry)::int AS seq FROM ${schema}.records`;
    expect((await pool.query(newest)).rows).toEqual([{ seq }]);
    rmSync(folder, { recursive: true });
    expect(said(await ask("d", "1"))).toBe(ALLOW);
    // what could not be written is kept in memory all the same
    await pool.query(`DELETE FROM ${schema}.records WHERE entry > ${seq}`);
    expect(said(await ask("e", "1"))).toBe(UNAVAILABLE);
  });

  it("is refused by a running process once a newer version has migrated it", async () => {
    const { schema, pool, start } = place();
    const { ask } = start();
    await ask("a", "1");
    await pool.query(`INSERT INTO ${schema}.schema_versions (version) VALUES (99)`);
    expect(said(await ask("b", "1"))).toBe(UNAVAILABLE);
    await pool.query(`DELETE FROM ${schema}.schema_versions WHERE version = 99`);
    expect(said(await ask("b", "1"))).toBe(ALLOW);
  });

  it("is made where there is none, but with create: false and by guardian-ledger", async () => {
    const { schema, pool, start } = place();
    const isThere = async () =>
      (await pool.query("SELECT 1 FROM pg_namespace WHERE nspname = $1", [schema])).rows.length > 0;
    const status = async () => {
      let stderr = "";
      const around = { stdout: () => undefined, now: () => START_MS };
      const args = ["status", "--ledger", POSTGRES_URL, "--schema", schema];
      const code = await run(args, { ...around, stderr: (text) => void (stderr += text) });
      return { code, stderr };
    };
    const existing = start({ create: false });
    expect(said(await existing.ask("a", "1"))).toBe(UNAVAILABLE);
    await expect(existing.ledger.identity()).rejects.toMatchObject({
      code: "ledger_unavailable",
      message: expect.stringContaining(
        `there is no ledger in the schema "${schema}", and none is made`,
      ) as string,
    });
    expect(await status()).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("none is made") as string,
    });
    expect(await isThere()).toBe(false);
    // an empty schema is no ledger either
    await pool.query(`CREATE SCHEMA ${schema}`);
    expect(said(await existing.ask("a", "1"))).toBe(UNAVAILABLE);
    expect(said(await start().ask("a", "1"))).toBe(ALLOW);
    expect(said(await existing.ask("b", "1"))).toBe(ALLOW);
    expect(await status()).toMatchObject({ code: 0 });
  });

  it("is not made anew by a running process where it has gone", async () => {
    const { schema, pool, start } = place();
    const { ask } = start();
    expect(said(await ask("a", "1000"))).toBe(ALLOW);
    await pool.query(`DROP SCHEMA ${schema} CASCADE`);
    for (let n = 0; n < 3; n++) expect(said(await ask(`b-${n}`, "1"))).toBe(UNAVAILABLE);
  });
});

const bin = serverPrograms();
const canServe = bin !== null || process.env["REQUIRE_SERVICES"] === "1";
if (!canServe) console.warn("no programs of a PostgreSQL server: skipping fail-over tests");

describe.skipIf(!canServe)("a fail-over of PostgreSQL", () => {
  let servers: Servers;
  let primary: Server;
  let standby: Server;
  beforeAll(async () => {
    if (bin === null) throw new Error("REQUIRE_SERVICES=1, and no programs of a PostgreSQL server");
    servers = await newServers(bin);
    ({ primary } = servers);
  }, 60_000);
  afterAll(() => {
    servers.remove();
  });

  const setting = async (pool: pg.Pool, name: string, value: string) => {
    await pool.query(`ALTER SYSTEM SET ${name} = '${value}'`);
    await pool.query("SELECT pg_reload_conf()");
  };
  const isFollowing = async (pool: pg.Pool, state: string) => {
    await expect
      .poll(async () => (await pool.query("SELECT sync_state FROM pg_stat_replication")).rows, {
        timeout: 10_000,
      })
      .toEqual([{ sync_state: state }]);
  };

  it("loses nothing with a synchronous standby, and is refused with one that was behind, as is an old primary", async () => {
    const direct = poolOf(primary.url);
    const schema = "failing";
    const route = switching(poolOf(primary.url, "-c synchronous_commit=off"));
    const ledgerOptions = { schema, clock: "caller" as const, limitMs: 4_000 };
    const mine = harness(LIMITED, createPostgresLedger({ ...ledgerOptions, pool: route.pool }));
    expect(said(await mine.ask("a", "1"))).toBe(ALLOW);
    standby = await servers.follow();
    await isFollowing(direct, "async");
    await setting(direct, "synchronous_standby_names", "standby");
    await isFollowing(direct, "sync");
    // the role's synchronous_commit=off is not followed: what is acknowledged is on the standby
    for (let n = 0; n < 5; n++) expect(said(await mine.ask(`s-${n}`, "1"))).toBe(ALLOW);
    const there = poolOf(standby.url);
    const { rows } = await there.query(`SELECT count(*)::int AS n FROM ${schema}.withdrawals`);
    expect(rows).toEqual([{ n: 6 }]);
    // while no standby confirms, nothing is acknowledged
    standby.stop();
    expect(said(await mine.ask("unconfirmed", "1"))).toBe(UNAVAILABLE);
    standby.start();
    await isFollowing(direct, "sync");
    expect(said(await mine.ask("unconfirmed", "1"))).toBe(ALLOW);

    // synchronous: the promoted standby is taken
    const other = harness(LIMITED, createPostgresLedger({ ...ledgerOptions, pool: route.pool }));
    expect(said(await other.ask("o", "1"))).toBe(ALLOW);
    await setting(direct, "synchronous_standby_names", "");
    const behind = harness(
      LIMITED,
      createPostgresLedger({ ...ledgerOptions, pool: switching(direct).pool }),
    );
    const late = switching(direct);
    const ahead = harness(LIMITED, createPostgresLedger({ ...ledgerOptions, pool: late.pool }));
    // asynchronous: the standby is cut off, and the primary goes on
    standby.stop();
    expect(said(await ahead.ask("lost", "900"))).toBe(ALLOW);
    expect(said(await behind.ask("lost-too", "1"))).toBe(ALLOW);
    primary.stop();
    standby.start();
    standby.promote();
    const promoted = poolOf(standby.url);
    route.to(promoted);
    late.to(promoted);
    expect(said(await mine.ask("after", "1"))).toBe(ALLOW);
    expect(said(await other.ask("after-2", "1"))).toBe(ALLOW);
    expect(said(await ahead.ask("after-3", "900"))).toBe(UNAVAILABLE);

    // the old primary comes back: a process that has gone on with the new one rejects it
    primary.start();
    const old = poolOf(primary.url);
    route.to(old);
    expect(said(await mine.ask("old", "1"))).toBe(UNAVAILABLE);
    route.to(promoted);
    expect(said(await mine.ask("new", "1"))).toBe(ALLOW);

    // an operator takes the promoted one as it is
    await adoptPostgresLedger({ pool: promoted, schema, ...ORDER });
    expect(said(await ahead.ask("after-3", "900"))).toBe(ALLOW);
  }, 120_000);
});
