import { copyFileSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSqliteSequenceStore } from "../../src/adapters/sequence-sqlite/index.js";
import { hidden, onObjects, polluted } from "../support/pollution.js";
import { goodEnvelope, verdict } from "../support/signing.js";
import { describeSequenceStore } from "../support/sequence-store/contract.js";
import { buildProgram, killed, type Program } from "../support/sequence-store/crash.js";

const scratch = mkdtempSync(join(tmpdir(), "sequences-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let files = 0;
const newFile = (): string => join(scratch, `${files++}.db`);

/** A connection, with the settings that the store requires. */
function connect(file: string, journal = "WAL", synchronous = "FULL"): Database.Database {
  const database = new Database(file);
  database.pragma(`journal_mode = ${journal}`);
  database.pragma(`synchronous = ${synchronous}`);
  return database;
}
const open = (file: string) => createSqliteSequenceStore({ database: connect(file), create: true });
const refusal = (run: () => unknown): string => {
  try {
    run();
    return "opened";
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
};

if (hasSqlite) {
  describeSequenceStore("SQLite", () => {
    const file = newFile();
    const databases: Database.Database[] = [];
    const again = () => {
      const database = connect(file);
      databases.push(database);
      // Integers as bigint change nothing.
      database.defaultSafeIntegers(databases.length % 2 === 0);
      return Promise.resolve(
        createSqliteSequenceStore({ database, create: databases.length === 1 }),
      );
    };
    return again().then((store) => ({
      store,
      again,
      close: () => Promise.resolve(databases.forEach((database) => database.close())),
    }));
  });
}

describe.skipIf(!hasSqlite)("createSqliteSequenceStore", () => {
  it("creates a table only with `create`, and finds it later", async () => {
    const file = newFile();
    expect(refusal(() => createSqliteSequenceStore({ database: connect(file) }))).toBe(
      "invalid_store",
    );
    expect(await open(file).advance("k", 3)).toBe(true);
    const store = createSqliteSequenceStore({ database: connect(file) });
    expect(await store.advance("k", 3)).toBe(false);
    const created = polluted(hidden(onObjects("create", true)), () =>
      refusal(() => createSqliteSequenceStore({ database: connect(newFile()) })),
    );
    expect(created).toBe("invalid_store");
  });

  it("refuses a database that loses commits in a restart or a power failure", () => {
    const create = true;
    const database = new Database(":memory:");
    expect(refusal(() => createSqliteSequenceStore({ database, create }))).toBe("invalid_store");
    for (const [journal, synchronous] of [
      ["WAL", "NORMAL"],
      ["WAL", "OFF"],
      ["MEMORY", "FULL"],
    ]) {
      const loose = connect(newFile(), journal, synchronous);
      expect(refusal(() => createSqliteSequenceStore({ database: loose, create }))).toBe(
        "invalid_store",
      );
    }
    expect(
      refusal(() =>
        createSqliteSequenceStore({ database: connect(newFile(), "DELETE", "EXTRA"), create }),
      ),
    ).toBe("opened");
  });

  it("rejects when durability is switched off later", async () => {
    const database = connect(newFile());
    const store = createSqliteSequenceStore({ database, create: true });
    database.pragma("synchronous = OFF");
    await expect(store.advance("k", 1)).rejects.toThrow("synchronous");
    database.pragma("synchronous = FULL");
    expect(await store.advance("k", 1)).toBe(true);
  });

  it.each([
    ["another table", "CREATE TABLE shield_batch_sequences (key_id TEXT, last TEXT)"],
    ["a view", "CREATE VIEW shield_batch_sequences AS SELECT 'k' AS key_id, 0 AS last"],
  ])("refuses %s of its name", (_, sql) => {
    const database = connect(newFile());
    database.exec(sql);
    expect(refusal(() => createSqliteSequenceStore({ database, create: true }))).toBe(
      "invalid_store",
    );
  });

  it("rejects inside a transaction of the caller, which could be rolled back", async () => {
    const database = connect(newFile());
    const store = createSqliteSequenceStore({ database, create: true });
    database.exec("BEGIN");
    await expect(store.advance("k", 1)).rejects.toThrow("transaction");
    database.exec("ROLLBACK");
    expect(await store.advance("k", 1)).toBe(true);
  });

  it("rejects what it cannot read, and leaves no transaction open", async () => {
    const database = connect(newFile());
    const store = createSqliteSequenceStore({ database, create: true });
    await store.advance("k", 5);
    database.pragma("ignore_check_constraints = ON");
    database.exec("UPDATE shield_batch_sequences SET last = -1");
    await expect(store.advance("k", 6)).rejects.toThrow("cannot be read");
    expect(database.inTransaction).toBe(false);
    database.exec("DROP TABLE shield_batch_sequences");
    await expect(store.advance("k", 6)).rejects.toThrow();
    database.close();
    await expect(store.advance("k", 6)).rejects.toThrow();
  });

  it("rejects while another connection holds the lock", async () => {
    const file = newFile();
    const database = new Database(file, { timeout: 1 });
    database.pragma("synchronous = FULL");
    const store = createSqliteSequenceStore({ database, create: true });
    const other = connect(file);
    other.exec("BEGIN EXCLUSIVE");
    await expect(store.advance("k", 1)).rejects.toThrow();
    other.exec("ROLLBACK");
    expect(await store.advance("k", 1)).toBe(true);
  });

  it.each([
    ["removed", (file: string) => rmSync(file)],
    ["moved away", (file: string) => renameSync(file, `${file}.old`)],
    [
      "replaced by an older copy",
      (file: string) => {
        copyFileSync(file, `${file}.copy`);
        renameSync(`${file}.copy`, file);
      },
    ],
  ])("rejects when the file was %s", async (_, change) => {
    const file = newFile();
    const store = open(file);
    await store.advance("k", 1);
    change(file);
    await expect(store.advance("k", 2)).rejects.toThrow("removed or replaced");
  });

  it("makes verifyBatch refuse a replay after a restart", async () => {
    const { good } = await goodEnvelope();
    const file = newFile();
    expect(await verdict(good, { store: open(file) })).toBe("accepted");
    const store = createSqliteSequenceStore({ database: connect(file) });
    expect(await verdict(good, { store })).toBe("old_sequence /payload/sequence");
    rmSync(file);
    expect(await verdict(good, { store })).toBe("store_unavailable /payload/sequence");
  });
});

describe.skipIf(!hasSqlite)("the SQLite sequence store, killed", () => {
  let program: Program;
  beforeAll(async () => {
    program = await buildProgram();
  });
  afterAll(() => program.remove());

  it("keeps each sequence that it promised", async () => {
    const file = newFile();
    open(file);
    let first = 0;
    for (const least of [1, 3, 10, 25]) {
      const last = await killed(program.script, ["sqlite", file, "", String(first)], least);
      const store = createSqliteSequenceStore({ database: connect(file) });
      expect(last).toBeGreaterThanOrEqual(first + least - 1);
      expect(await store.advance("crash", last)).toBe(false);
      // One more may be stored whose answer was not received.
      first = last + 2;
      expect(await store.advance("crash", first++)).toBe(true);
    }
  });
});
