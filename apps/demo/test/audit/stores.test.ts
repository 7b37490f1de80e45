/** The stores of the audit: a folder and PostgreSQL tables, against one in memory. */
import { randomBytes } from "node:crypto";
import { appendFileSync, mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonicalHash } from "@dgb-shield/contract";
import {
  appendLeaves,
  createMemoryHashStore,
  createMemorySaltStore,
  frontierOf,
  type HashStore,
  type SaltStore,
} from "@dgb-shield/wallet-guardian/audit";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCheckpointFile } from "../../src/audit/checkpoint-file.js";
import type { CheckpointStore } from "../../src/audit/checkpoint-store.js";
import { createCheckpointTable, openCheckpointTable } from "../../src/audit/checkpoint-table.js";
import { createHashFile } from "../../src/audit/hash-file.js";
import { createHashTable, openHashTable } from "../../src/audit/hash-table.js";
import { createSaltFile } from "../../src/audit/salt-file.js";
import { createSaltTable, openSaltTable } from "../../src/audit/salt-table.js";
import { hasPostgres, POSTGRES_URL } from "../support/postgres.js";

const folder = mkdtempSync(join(tmpdir(), "shield-audit-stores-"));
const schema = `audit_${randomBytes(6).toString("hex")}`;
const pool = new pg.Pool({ connectionString: POSTGRES_URL, max: 4 });
const isUp = await hasPostgres();
beforeAll(async () => {
  if (isUp) await pool.query(`CREATE SCHEMA ${schema}`);
});
afterAll(async () => {
  if (isUp) await pool.query(`DROP SCHEMA ${schema} CASCADE`);
  await pool.end();
  rmSync(folder, { recursive: true, force: true });
});

const LEAVES = Array.from({ length: 70_000 }, (_, at) => canonicalHash(at));

async function behavesAs(store: HashStore): Promise<void> {
  const model = createMemoryHashStore();
  for (let from = 0; from < LEAVES.length;) {
    const step = Math.min(1 + ((from * 31) % 4_099), LEAVES.length - from);
    for (const one of [store, model])
      await appendLeaves(one, from, LEAVES.slice(from, from + step));
    from += step;
  }
  for (const size of [LEAVES.length, 65_536, 65_535, 700, 513, 512, 3, 0]) {
    for (const one of [store, model]) await one.truncate(size);
    for (const level of [0, 1, 2, 3])
      expect([size, level, await store.count(level)]).toEqual([
        ...[size, level, await model.count(level)],
      ]);
    const roots = await Promise.all([store, model].map((one) => frontierOf(one, size)));
    expect(roots[0]?.root()).toBe(roots[1]?.root());
  }
  await expect(store.read(0, 0, 1)).rejects.toThrow();
  await expect(store.append(0, 1, [LEAVES[0] ?? ""])).rejects.toThrow(RangeError);
  await store.append(0, 0, LEAVES.slice(0, 300));
  // The same again, as another process would.
  await store.append(0, 200, LEAVES.slice(200, 400));
  expect(await store.read(0, 190, 210)).toEqual(LEAVES.slice(190, 400));
}

async function keepsLines(store: CheckpointStore): Promise<void> {
  expect(await store.count()).toBe(0);
  await expect(store.line(1)).rejects.toThrow();
  await store.append('{"a":1}');
  await store.append('{"b":"ü"}');
  expect([await store.line(1), await store.line(2)]).toEqual(['{"a":1}', '{"b":"ü"}']);
  expect(await store.count()).toBe(2);
  await expect(store.line(3)).rejects.toThrow();
  expect(await store.exported("vault")).toBe(0);
  await store.setExported("vault", 1);
  await store.setExported("vault", 2);
  await store.setExported("other", 1);
  expect([await store.exported("vault"), await store.exported("other")]).toEqual([2, 1]);
  await store.close();
}

async function keepsSalts(store: SaltStore): Promise<void> {
  const model = createMemorySaltStore();
  const both = [store, model];
  const salts = LEAVES.slice(0, 1_000);
  const same = async () => {
    const count = await store.count();
    expect(count).toBe(await model.count());
    if (count > 0) expect(await store.read(0, count)).toEqual(await model.read(0, count));
  };
  expect(await store.count()).toBe(0);
  await expect(store.append(1, salts)).rejects.toThrow(RangeError);
  await expect(store.read(0, 1)).rejects.toThrow();
  for (const one of both) await one.append(0, [null, ...salts.slice(1, 300)]);
  // Another process's salts come too late for what is there.
  for (const one of both) await one.append(200, salts.slice(500, 900));
  await same();
  expect(await store.read(299, 2)).toEqual([salts[299], salts[600]]);
  for (const one of both) await one.append(590, salts.slice(0, 200));
  for (const one of both) await one.erase([0, 255, 256, 257, 511, 599, 788, 789, 790, 5_000]);
  await same();
  expect(await store.read(255, 4)).toEqual([null, null, null, salts[258]]);
  // What was erased stays so, whatever is added.
  for (const one of both) await one.append(250, salts.slice(0, 20));
  await same();
  for (const size of [790, 700, 512, 511, 3, 0]) {
    for (const one of both) await one.truncate(size);
    await same();
  }
  for (const one of both) await one.append(0, salts);
  await same();
}

describe("files", { timeout: 60_000 }, () => {
  it("keep hashes", () => behavesAs(createHashFile(join(folder, "hashes"))));

  it("keep salts", () => keepsSalts(createSaltFile(join(folder, "salts"))));

  it("forget a hash of which a crash left a part", async () => {
    const store = createHashFile(join(folder, "cut"));
    await store.append(0, 0, LEAVES.slice(0, 3));
    truncateSync(join(folder, "cut", "hashes-0"), 3 * 32 - 1);
    expect(await store.count(0)).toBe(2);
    await store.append(0, 2, LEAVES.slice(2, 4));
    expect(await store.read(0, 0, 4)).toEqual(LEAVES.slice(0, 4));
  });

  it("keep checkpoints, over restarts, without a line that a crash cut", async () => {
    const at = join(folder, "lines");
    await keepsLines(createCheckpointFile(at));
    appendFileSync(join(at, "checkpoints.jsonl"), '{"cut');
    const again = createCheckpointFile(at);
    expect(await again.count()).toBe(2);
    await again.append('{"c":3}');
    expect(await again.line(3)).toBe('{"c":3}');
    await again.close();
    const read = createCheckpointFile(at, "read");
    expect([await read.count(), await read.exported("vault")]).toEqual([3, 2]);
    await expect(read.append("{}")).rejects.toThrow(/only read/);
    await read.close();
  });
});

describe.skipIf(!isUp)("PostgreSQL tables", { timeout: 120_000 }, () => {
  it("are not there before they are made", async () => {
    expect(await openHashTable(pool, schema)).toBeNull();
    expect(await openCheckpointTable(pool, schema)).toBeNull();
  });
  it("keep hashes", async () => {
    await behavesAs(await createHashTable(pool, schema));
    expect(await openHashTable(pool, schema)).not.toBeNull();
  });
  it("keep salts; of two processes that append at once one decides for both", async () => {
    expect(await openSaltTable(pool, schema)).toBeNull();
    await keepsSalts(await createSaltTable(pool, schema));
    const [one, two] = [await createSaltTable(pool, schema), await openSaltTable(pool, schema)];
    await one.truncate(0);
    await Promise.all([
      one.append(0, LEAVES.slice(0, 600)),
      two?.append(0, LEAVES.slice(600, 1_300)),
    ]);
    const found = await one.read(0, await one.count());
    expect(found).toEqual(await two?.read(0, 700));
    expect([LEAVES[0], LEAVES[600]]).toContain(found[0]);
    expect(new Set(found).size).toBe(700);
  });
  it("keep checkpoints; of two processes that append one number, one fails", async () => {
    await keepsLines(await createCheckpointTable(pool, schema));
    const [one, two] = [
      await createCheckpointTable(pool, schema),
      await openCheckpointTable(pool, schema),
    ];
    expect(await two?.count()).toBe(2);
    const both = await Promise.allSettled([one.append("{}"), two?.append("{}")]);
    const count = both.filter(({ status }) => status === "fulfilled").length;
    expect(await one.count()).toBe(2 + count);
    expect(count).toBeGreaterThan(0);
  });
});
