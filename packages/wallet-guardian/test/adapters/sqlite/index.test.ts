import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MIGRATIONS } from "../../../src/adapters/sqlite/schema/index.js";
import { createSqliteLedger } from "../../../src/adapters/sqlite/index.js";
import { reads } from "../../ledger/contract/fixtures.js";
import { harness, said } from "../../support/guardian.js";
import { newPath } from "../../support/ledgers.js";
import { buildProgram, type Program } from "../../support/programs.js";

const LIMITED = { max_24h: "10" };

describe.skipIf(!hasSqlite)("createSqliteLedger", () => {
  it("keeps one limit over two connections to one file", async () => {
    const path = newPath();
    const sides = [1, 2].map(() => harness(LIMITED, createSqliteLedger({ path, create: true })));
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) => sides[n % 2]!.ask(`w-${n}`, "1")),
    );
    expect(answers.filter(({ final }) => final)).toHaveLength(10);
  });

  it("has everything when it is opened again", async () => {
    const path = newPath();
    const first = harness(LIMITED, createSqliteLedger({ path, create: true }));
    const allowed = await first.ask("w", "8");
    await first.guardian.freeze("wallet", "other", { operator: "op", reason: "r" });
    await first.ledger.close();
    const second = harness(LIMITED, createSqliteLedger({ path, create: true }));
    expect(await second.ask("w", "8")).toEqual({ ...allowed, repeated: true });
    expect(said(await second.ask("x", "3"))).toBe("DELAY daily_limit");
    expect(said(await second.ask("y", "1", { wallet_id: "other" }))).toBe("REJECT wallet_frozen");
  });

  it("answers ledger_busy, without blocking the event loop, while another process holds the lock", async () => {
    const path = newPath();
    const { ask } = harness(LIMITED, createSqliteLedger({ path, create: true }));
    await ask("1", "1");
    const other = new Database(path);
    other.exec("BEGIN IMMEDIATE");
    let turns = 0;
    const turning = setInterval(() => turns++, 5);
    expect(said(await ask("2", "1"))).toBe("REJECT ledger_busy");
    clearInterval(turning);
    expect(turns).toBeGreaterThan(1);
    other.exec("COMMIT");
    other.close();
    expect(said(await ask("2", "1"))).toBe("ALLOW within_limits");
  });

  it("waits for a lock that is given back in time", async () => {
    const path = newPath();
    const { ask } = harness(LIMITED, createSqliteLedger({ path, create: true }));
    await ask("1", "1");
    const other = new Database(path);
    other.exec("BEGIN IMMEDIATE");
    const asked = ask("2", "1");
    await new Promise((resolve) => setTimeout(resolve, 20));
    other.exec("COMMIT");
    other.close();
    expect(said(await asked)).toBe("ALLOW within_limits");
  });

  it("ends a group with an acceptance, so that no later step reads it before it is durable", async () => {
    const path = newPath();
    const ledger = createSqliteLedger({ path, create: true });
    await ledger.withdrawal("none");
    const other = new Database(path, { readonly: true });
    const durable = () =>
      other.prepare<[], { count: number }>("SELECT count(*) AS count FROM records").get()!.count;
    const recordOf = (at: number) =>
      ({ kind: "clock_accepted", json: JSON.stringify({ at }) }) as const;
    const accepted = ledger.acceptClock(2_000, { ahead_ms: 0, recordOf });
    const seen = ledger.transact(reads({ now_ms: 2_000 }), ({ accepted: last }) => ({
      result: [last.count, durable()],
      writes: null,
    }));
    expect((await accepted).count).toBe(1);
    expect(await seen).toEqual([1, 1]);
    other.close();
  });

  it("finds at creation what makes its file unusable", () => {
    const path = newPath();
    const missing = createSqliteLedger({ path });
    expect(() => harness(LIMITED, missing)).toThrow(/the ledger's file is missing/);
    writeFileSync(path, "not a database, but long enough to be one");
    const foreign = createSqliteLedger({ path, create: true });
    expect(() => harness(LIMITED, foreign)).toThrow(/no SQLite database/);
  });

  it("refuses while the file cannot be opened, and recovers by itself", async () => {
    const path = newPath();
    const folder = dirname(path);
    const { ask } = harness(LIMITED, createSqliteLedger({ path, create: true }));
    await ask("1", "1");
    renameSync(folder, `${folder}.away`);
    expect(said(await ask("w", "1"))).toBe("REJECT ledger_unavailable");
    expect(said(await ask("w", "1"))).toBe("REJECT ledger_unavailable");
    renameSync(`${folder}.away`, folder);
    expect(said(await ask("w", "1"))).toBe("ALLOW within_limits");
    expect(said(await ask("x", "9"))).toBe("DELAY daily_limit");
  });

  it("rejects a row that was changed into what it cannot be", async () => {
    const path = newPath();
    const { ask } = harness(LIMITED, createSqliteLedger({ path, create: true }));
    await ask("w", "1");
    const other = new Database(path);
    other.exec("UPDATE payments SET wallet_id = ' '");
    other.close();
    expect(said(await ask("w", "1"))).toBe("REJECT ledger_unavailable");
  });

  it("keeps what is in memory out of the file system", async () => {
    const { ask } = harness(LIMITED, createSqliteLedger({ path: ":memory:" }));
    expect(said(await ask("w", "1"))).toBe("ALLOW within_limits");
    expect(existsSync(":memory:")).toBe(false);
  });

  it.each([undefined, null, "", 7])("refuses the path %j", (path) => {
    expect(() => createSqliteLedger({ path: path as never })).toThrow(RangeError);
  });

  it("writes ahead, and numbers its schema", async () => {
    const path = newPath();
    const { ask } = harness(LIMITED, createSqliteLedger({ path, create: true }));
    await ask("w", "1");
    const other = new Database(path);
    expect(other.pragma("journal_mode", { simple: true })).toBe("wal");
    expect(other.pragma("user_version", { simple: true })).toBe(MIGRATIONS.length);
    other.close();
  });

  it("reads the edge of a window by its key alone", async () => {
    const path = newPath();
    await harness(LIMITED, createSqliteLedger({ path, create: true })).ask("w", "1");
    const db = new Database(path);
    const plan = db
      .prepare<[], { detail: string }>(
        "EXPLAIN QUERY PLAN SELECT * FROM running_sums WHERE journal = 1 AND at_ms <= 1 ORDER BY at_ms DESC LIMIT 1",
      )
      .all();
    db.close();
    expect(plan.map(({ detail }) => detail)).toEqual([
      "SEARCH running_sums USING PRIMARY KEY (journal=? AND at_ms<?)",
    ]);
  });
});

describe.skipIf(!hasSqlite)("processes that share a SQLite ledger", () => {
  let program: Program;
  beforeAll(async () => {
    program = await buildProgram("withdraw-process");
  });
  afterAll(() => program.remove());

  const start = (path: string, name: string, max: number) =>
    spawn(process.execPath, [program.script, path, name, String(max), "300"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
  const signed = async (child: ChildProcess): Promise<string[]> => {
    let text = "";
    child.stdout!.on("data", (chunk: Buffer) => (text += chunk.toString()));
    await once(child, "close");
    return text.split("\n").slice(0, -1);
  };

  it("sign no more than the limit together, though one of them is killed", async () => {
    const path = newPath();
    const limit = 400; // two survivors request 2 × 300
    const children = ["a", "b", "c"].map((name) => start(path, name, limit));
    const outputs = children.map(signed);
    children[2]!.stdout.once("data", () => children[2]!.kill("SIGKILL"));
    const ids = (await Promise.all(outputs)).flat();

    const ledger = createSqliteLedger({ path, create: true });
    const stored = await Promise.all(ids.map((id) => ledger.withdrawal(id)));
    expect(stored.every((row) => row?.status === "claimed")).toBe(true);
    const db = new Database(path, { readonly: true });
    const { reserved } = db
      .prepare<[], { reserved: number }>(
        "SELECT count(*) AS reserved FROM payments WHERE counts = 1",
      )
      .get()!;
    db.close();
    // the killed one may have reserved one that it could not print any more
    expect(ids.length).toBeLessThanOrEqual(reserved);
    expect(reserved).toBe(limit);
  });

  it("open it while another one writes, and find nothing wrong", async () => {
    const path = newPath();
    const writer = start(path, "a", 1_000);
    const output = signed(writer);
    await once(writer.stdout, "data");
    let opened = 0;
    while (writer.exitCode === null) {
      const ledger = createSqliteLedger({ path });
      expect(await ledger.records(0, 1)).toHaveLength(1);
      await ledger.close();
      opened++;
      await new Promise(setImmediate);
    }
    expect(await output).toHaveLength(300);
    expect(opened).toBeGreaterThan(0);
  });
});
