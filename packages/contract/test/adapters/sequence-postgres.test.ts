import { randomBytes } from "node:crypto";
import { missingPostgres } from "@dgb-shield/testkit/services";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createPostgresSequenceStore,
  type PostgresQueries,
} from "../../src/adapters/sequence-postgres/index.js";
import { goodEnvelope, verdict } from "../support/signing.js";
import { describeSequenceStore } from "../support/sequence-store/contract.js";
import { buildProgram, killed, type Program } from "../support/sequence-store/crash.js";

const URL = process.env["SHIELD_TEST_DATABASE_URL"] ?? "postgres://postgres@127.0.0.1:5432/test";

async function canConnect(): Promise<boolean> {
  const client = new pg.Client({ connectionString: URL, connectionTimeoutMillis: 2_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

const hasPostgres = (await canConnect()) || missingPostgres(URL);

const schemas: string[] = [];
const pools: pg.Pool[] = [];
function newPool(options: pg.PoolConfig = {}): pg.Pool {
  const pool = new pg.Pool({ connectionString: URL, max: 2, ...options });
  pools.push(pool);
  return pool;
}
async function newSchema(): Promise<string> {
  const schema = `contract_test_${randomBytes(6).toString("hex")}`;
  schemas.push(schema);
  await newPool().query(`CREATE SCHEMA ${schema}`);
  return schema;
}
afterAll(async () => {
  if (!hasPostgres) return;
  const pool = newPool();
  for (const schema of schemas) await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await Promise.all(pools.map((one) => one.end()));
});

const open = async (schema: string, create = false, pool: PostgresQueries = newPool()) =>
  createPostgresSequenceStore({ pool, schema, create });
const refusal = async (opening: Promise<unknown>): Promise<unknown> =>
  opening.then(
    () => "opened",
    (error: unknown) => (error as { code?: unknown }).code,
  );

if (hasPostgres) {
  describeSequenceStore("PostgreSQL", async () => {
    const schema = await newSchema();
    return {
      store: await open(schema, true),
      again: () => open(schema),
      close: () => Promise.resolve(),
    };
  });
}

describe.skipIf(!hasPostgres)("createPostgresSequenceStore", () => {
  it("creates a table only with `create`, also from several processes at once", async () => {
    const schema = await newSchema();
    expect(await refusal(open(schema))).toBe("invalid_store");
    await Promise.all(Array.from({ length: 6 }, () => open(schema, true)));
    expect(await (await open(schema)).advance("k", 1)).toBe(true);
  });

  it.each(["42P07", "42710", "23505"])(
    "takes the table of another process that is reported as %s",
    async (code) => {
      const schema = await newSchema();
      await open(schema, true);
      const pool = newPool();
      let finds = 0;
      // A pool that finds no table at first, as before the other process has created it.
      const late: PostgresQueries = {
        query: async (sql, values) => {
          if (sql.startsWith("CREATE")) throw Object.assign(new Error("raced"), { code });
          const isFirst = sql.startsWith("SELECT c.relkind") && finds++ === 0;
          return isFirst ? { rows: [] } : pool.query(sql, values);
        },
      };
      expect(await (await open(schema, true, late)).advance("k", 1)).toBe(true);
    },
  );

  it.each(["", "a b", 'a"b', "A", "a".repeat(64), "1a", null])(
    "refuses %j as a schema",
    async (schema) => {
      expect(
        await refusal(
          createPostgresSequenceStore({ pool: newPool(), schema: schema as string, create: true }),
        ),
      ).toBe("invalid_store");
    },
  );

  it.each([
    [
      "an unlogged table, which a crash empties",
      "CREATE UNLOGGED TABLE",
      "(key_id text PRIMARY KEY, last bigint NOT NULL)",
    ],
    ["a table without a key", "CREATE TABLE", "(key_id text NOT NULL, last bigint NOT NULL)"],
    ["a table of other types", "CREATE TABLE", "(key_id text PRIMARY KEY, last integer NOT NULL)"],
    ["a table that may hold nothing", "CREATE TABLE", "(key_id text PRIMARY KEY, last bigint)"],
    [
      "a table with more columns",
      "CREATE TABLE",
      "(key_id text PRIMARY KEY, last bigint NOT NULL, x int)",
    ],
    ["a view", "CREATE VIEW", "AS SELECT 'k'::text AS key_id, 0::bigint AS last"],
  ])("refuses %s of its name", async (_, create, shape) => {
    const schema = await newSchema();
    await newPool().query(`${create} ${schema}.shield_batch_sequences ${shape}`);
    expect(await refusal(open(schema, true))).toBe("invalid_store");
  });

  it("refuses, and rejects later, where commits are not made durable", async () => {
    const schema = await newSchema();
    const store = await open(schema, true);
    const loose = newPool({ options: "-c synchronous_commit=off" });
    expect(await refusal(open(schema, false, loose))).toBe("invalid_store");
    const pool = newPool({ max: 1 });
    const later = await open(schema, false, pool);
    await pool.query("SET synchronous_commit = off");
    await expect(later.advance("k", 1)).rejects.toThrow("synchronous_commit");
    // What was not granted is used up, and not accepted twice.
    expect(await store.advance("k", 1)).toBe(false);
  });

  it.each<[string, unknown]>([
    ["no rows", undefined],
    ["a row of another sequence", [{ last: "2", durability: "on" }]],
    ["a row without a sequence", [{ durability: "on" }]],
    ["two rows", [{ last: "1" }, { last: "1" }]],
  ])("rejects when the server answers %s", async (_, rows) => {
    const schema = await newSchema();
    await open(schema, true);
    const pool = newPool();
    const lying: PostgresQueries = {
      query: async (text, values) =>
        text.startsWith("INSERT") ? { rows: rows as unknown[] } : pool.query(text, values),
    };
    const store = await open(schema, false, lying);
    await expect(store.advance("k", 1)).rejects.toThrow("answers something else");
  });

  it("rejects when the connection ends at the wrong moment, and goes on afterwards", async () => {
    const schema = await newSchema();
    const pool = newPool({ max: 1 });
    pool.on("error", () => undefined);
    const store = await open(schema, true, pool);
    const blocker = newPool({ max: 1 });
    const client = await blocker.connect();
    await client.query(
      `BEGIN; LOCK TABLE ${schema}.shield_batch_sequences IN ACCESS EXCLUSIVE MODE`,
    );
    const waiting = store.advance("k", 1);
    const ended = expect(waiting).rejects.toThrow();
    await expect
      .poll(async () => {
        const { rows } = await newPool({ max: 1 }).query<{ n: number }>(
          "SELECT count(pg_terminate_backend(pid))::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1",
          [`INSERT INTO "${schema}"%`],
        );
        return rows[0]?.n;
      })
      .toBe(1);
    await ended;
    await client.query("ROLLBACK");
    client.release();
    expect(await store.advance("k", 1)).toBe(true);
  });

  it("accepts one sequence once whatever the isolation of its sessions", async () => {
    const schema = await newSchema();
    await open(schema, true);
    for (const level of ["read committed", "repeatable read", "serializable"]) {
      const stores = await Promise.all(
        [1, 2, 3].map(() => {
          const options = `-c default_transaction_isolation=${level.replace(" ", "\\ ")}`;
          return open(schema, false, newPool({ options }));
        }),
      );
      const answers = await Promise.all(
        Array.from({ length: 30 }, (_, i) =>
          stores[i % 3]!.advance(level.replace(" ", "-"), 1).catch(() => "rejected"),
        ),
      );
      expect(answers.filter((answer) => answer === true)).toHaveLength(1);
    }
  });

  it("makes verifyBatch refuse a replay to another replica", async () => {
    const schema = await newSchema();
    const { good } = await goodEnvelope();
    expect(await verdict(good, { store: await open(schema, true) })).toBe("accepted");
    expect(await verdict(good, { store: await open(schema) })).toBe(
      "old_sequence /payload/sequence",
    );
    const gone = newPool({ port: 1, connectionString: "postgres://postgres@127.0.0.1:1/test" });
    expect(await refusal(open(schema, false, gone))).toBe("ECONNREFUSED");
  });
});

describe.skipIf(!hasPostgres)("the PostgreSQL sequence store, killed", () => {
  let program: Program;
  beforeAll(async () => {
    program = await buildProgram();
  });
  afterAll(() => program.remove());

  it("keeps each sequence that it promised", async () => {
    const schema = await newSchema();
    const store = await open(schema, true);
    let first = 0;
    for (const least of [1, 10, 40]) {
      const last = await killed(program.script, ["postgres", URL, schema, String(first)], least);
      expect(last).toBeGreaterThanOrEqual(first + least - 1);
      expect(await store.advance("crash", last)).toBe(false);
      first = last + 1_000;
      expect(await store.advance("crash", first++)).toBe(true);
    }
  });
});
