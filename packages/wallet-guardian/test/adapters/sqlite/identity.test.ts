import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { createSqliteLedger } from "../../../src/adapters/sqlite/index.js";
import { reads, stored } from "../../ledger/contract/fixtures.js";
import { newPath } from "../../support/ledgers.js";
import { add, expectRefusal, files, made, open, put, refused } from "../../support/sqlite-files.js";

describe.skipIf(!hasSqlite)("a SQLite ledger whose file", () => {
  it("is missing is refused, and not made", async () => {
    const path = newPath();
    const ledger = open(path);
    await expectRefusal(ledger, /missing.*create: true/);
    expect(files(path)).toEqual([]);
    await expect(put(ledger, "w")).rejects.toMatchObject({ facts: { path, errno: "ENOENT" } });
    await ledger.close();
  });

  it.each<[string, (path: string) => void, RegExp]>([
    ["is empty", (path) => writeFileSync(path, ""), /is empty: restore/],
    [
      "is no database",
      (path) => writeFileSync(path, "not a database, but long enough"),
      /no SQLite database/,
    ],
    ["is shorter than its head", (path) => writeFileSync(path, "SQLite"), /no SQLite database/],
    ["is a folder", (path) => mkdirSync(path), /is of no file/],
    [
      "is another program's",
      (path) => void new Database(path).exec("CREATE TABLE records (x)").close(),
      /without a ledger's tables/,
    ],
    [
      "has another program's version",
      (path) => void new Database(path).exec("CREATE TABLE x (x); PRAGMA user_version = 2").close(),
      /without a ledger's tables/,
    ],
    [
      "is newer",
      (path) =>
        void new Database(path).exec("CREATE TABLE x (x); PRAGMA user_version = 99").close(),
      /newer version 99/,
    ],
  ])(
    "%s is refused, whether it may be made or not, and left as it is",
    async (_what, prepare, text) => {
      for (const create of [false, true]) {
        const path = newPath();
        prepare(path);
        const before = existsSync(path) && statSync(path).isFile() ? readFileSync(path) : null;
        await expectRefusal(open(path, create), text);
        if (before !== null) expect(readFileSync(path).equals(before)).toBe(true);
      }
    },
  );

  it("lies in no folder is refused", async () => {
    const path = join(dirname(newPath()), "none", "ledger.db");
    await expectRefusal(open(path, true), /folder cannot be opened \(ENOENT\)/);
  });

  it("is truncated after it was used is refused, also where it may be made", async () => {
    const path = await made();
    truncateSync(path, 0);
    await expectRefusal(open(path, true), /is empty/);
  });

  it("was removed is not made again while its witness is there", async () => {
    const path = await made();
    unlinkSync(path);
    await expectRefusal(open(path, true), /witness of an earlier ledger is there/);
    await expectRefusal(open(path), /missing/);
    unlinkSync(`${path}.witness`);
    await add(path, 1, true); // an operator has decided to begin anew
  });

  it("was removed is not made again while its log is there", async () => {
    const path = newPath();
    writeFileSync(`${path}-wal`, "x");
    await expectRefusal(open(path, true), /-wal of an earlier ledger is there/);
  });

  it("is removed while it is open is refused from then on, and never made again", async () => {
    const path = newPath();
    const ledger = open(path, true);
    await put(ledger, "w-1");
    for (const file of files(path)) unlinkSync(join(dirname(path), file));
    await expectRefusal(ledger, /removed or moved|missing/);
    expect(files(path)).toEqual([]);
    await ledger.close();
  });

  it("is moved while it is open is refused until it is back", async () => {
    const path = newPath();
    const ledger = open(path, true);
    await put(ledger, "w-1");
    renameSync(path, `${path}.moved`);
    await expect(put(ledger, "w-2")).rejects.toMatchObject(refused(/removed or moved/));
    await expect(put(ledger, "w-2")).rejects.toMatchObject(refused(/missing/));
    renameSync(`${path}.moved`, path);
    await put(ledger, "w-3");
    expect(await ledger.withdrawal("w-1")).toEqual(stored("w-1"));
    await ledger.close();
  });

  it("is replaced by an older copy while it is open is refused by the one that runs and by a new one", async () => {
    const path = await made(1);
    copyFileSync(path, `${path}.backup`);
    const running = open(path);
    await put(running, "w-2");
    for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
    renameSync(`${path}.backup`, path);
    await expect(put(running, "w-3")).rejects.toMatchObject(refused(/replaced while it was open/));
    await expectRefusal(running, /replaced while it was open/);
    await expectRefusal(open(path), /behind its witness \(record 1 of epoch 1, where 2 of epoch 1/);
    await running.close();
  });

  it("is replaced by another ledger is refused, with a witness and without", async () => {
    const path = newPath();
    const other = await made(9);
    const running = createSqliteLedger({ path, create: true, witness: false });
    await put(running, "w-1");
    for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
    copyFileSync(other, path); // in its place: the same inode
    await expect(put(running, "w-2")).rejects.toMatchObject(refused(/replaced|log was removed/));
    await expectRefusal(running, /another ledger than before/);
    await running.close();
    const witnessed = await made(1);
    copyFileSync(`${other}.witness`, `${witnessed}.witness`);
    await expectRefusal(open(witnessed), /not the ledger of its witness .*witness:/);
  });

  it("is replaced by an older copy is found without a witness by the process that ran", async () => {
    const path = newPath();
    const ledger = createSqliteLedger({ path, create: true, witness: false });
    await put(ledger, "w-1");
    const copy = new Database(path);
    await copy.backup(`${path}.backup`);
    copy.close();
    await put(ledger, "w-2");
    renameSync(path, `${path}.away`);
    await expect(put(ledger, "w-3")).rejects.toMatchObject(refused(/removed/));
    for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
    copyFileSync(`${path}.backup`, `${path}.away`); // in its place: the same inode
    renameSync(`${path}.away`, path);
    await expectRefusal(ledger, /behind what this process has seen \(record 1 of 2\)/);
    await ledger.close();
  });

  it("is replaced while it is open keeps its log, and is used again once it is back", async () => {
    const path = newPath();
    const other = await made(1);
    const ledger = open(path, true);
    await put(ledger, "w-1");
    renameSync(path, `${path}.away`);
    copyFileSync(other, path);
    for (let i = 0; i < 3; i++) await expectRefusal(ledger, /replaced while it was open/);
    renameSync(`${path}.away`, path);
    await put(ledger, "w-2");
    expect(await ledger.withdrawal("w-1")).toEqual(stored("w-1"));
    await ledger.close();
  });

  it("is emptied while it is open is refused", async () => {
    const path = newPath();
    const ledger = open(path, true);
    await put(ledger, "w-1");
    truncateSync(path);
    await expect(put(ledger, "w-2")).rejects.toMatchObject(refused(/was emptied while/));
    await expectRefusal(ledger, /is empty/);
    await ledger.close();
  });

  it("was restored from a backup while nothing ran is refused by its witness", async () => {
    const path = await made(1);
    copyFileSync(path, `${path}.backup`);
    await add(path, 1, false, "v");
    copyFileSync(`${path}.backup`, path);
    await expectRefusal(open(path), /behind its witness/);
  });

  it("was copied to another path is refused there", async () => {
    const path = await made(1);
    const copy = newPath();
    copyFileSync(path, copy);
    await expectRefusal(open(copy), new RegExp(`made for ${path} and lies at ${copy}`));
    await add(path, 1, false, "v"); // where it was made it goes on
  });

  it("is named by a symbolic link is the same ledger, until the link names another one", async () => {
    const path = await made(1);
    const link = `${path}.link`;
    symlinkSync(path, link);
    const ledger = open(link);
    await put(ledger, "v");
    const other = await made(5);
    unlinkSync(link);
    symlinkSync(other, link);
    await expect(put(ledger, "u")).rejects.toMatchObject(refused(/replaced while it was open/));
    await ledger.close();
  });

  it("has a second name is refused, also from the moment at which it gets it", async () => {
    const path = await made(1);
    const ledger = open(path);
    await put(ledger, "v");
    linkSync(path, `${path}.second`);
    await expectRefusal(ledger, /2 names \(hard links\)/);
    await expectRefusal(open(`${path}.second`), /2 names/);
    unlinkSync(`${path}.second`);
    await put(ledger, "u");
    await ledger.close();
  });

  it("lost the log of a killed process is refused", async () => {
    const path = newPath();
    const killed = open(path, true);
    await put(killed, "w-1");
    copyFileSync(path, `${path}.copy`);
    const said = readFileSync(`${path}.witness`);
    await killed.close();
    copyFileSync(`${path}.copy`, path); // as it was without what the log held
    writeFileSync(`${path}.witness`, said);
    await expectRefusal(open(path), /behind its witness.*-wal/);
  });

  it.each<[string, (log: string) => void]>([
    ["removed", (log) => unlinkSync(log)],
    [
      "replaced",
      (log) => {
        copyFileSync(log, `${log}.x`);
        renameSync(`${log}.x`, log);
      },
    ],
  ])(
    "has its log %s while it is open is refused, and nothing that was answered is lost",
    async (_what, change) => {
      const path = newPath();
      const ledger = open(path, true);
      await put(ledger, "w-1");
      change(`${path}-wal`);
      await expect(put(ledger, "w-2")).rejects.toMatchObject(
        refused(/write-ahead log was removed or replaced/),
      );
      await put(ledger, "w-3");
      await ledger.close();
      const again = open(path);
      expect(await again.withdrawal("w-1")).toEqual(stored("w-1"));
      expect(await again.withdrawal("w-2")).toBeNull();
      expect(await again.withdrawal("w-3")).toEqual(stored("w-3"));
      await again.close();
    },
  );

  it("is replaced between a commit and its answer is not answered", async () => {
    const path = newPath();
    const ledger = open(path, true);
    await put(ledger, "w-1");
    const swapped = ledger.transact(reads(), () => {
      renameSync(path, `${path}.moved`);
      return { result: null, writes: { withdrawals: [stored("w-2")] } };
    });
    await expect(swapped).rejects.toMatchObject(refused(/removed or moved/));
    await ledger.close();
  });

  it.skipIf(process.getuid?.() === 0)("may not be written is refused", async () => {
    const path = await made(1);
    chmodSync(path, 0o444);
    await expect(put(open(path), "v")).rejects.toMatchObject(refused(/cannot be written/));
  });

  it("is being made by several processes at once is one ledger", async () => {
    const path = newPath();
    const ledgers = Array.from({ length: 8 }, () => open(path, true));
    await Promise.all(ledgers.map((ledger, n) => put(ledger, `w-${n}`)));
    const ids = await Promise.all(ledgers.map((ledger) => ledger.identity()));
    expect(new Set(ids.map(({ ledger_id }) => ledger_id)).size).toBe(1);
    await Promise.all(ledgers.map((ledger) => ledger.close()));
    expect(files(path)).toEqual([basename(path), `${basename(path)}.witness`]);
  });

  it("was being made when its maker was killed is used under its one name", async () => {
    const path = await made(1);
    linkSync(path, `${path}.new-0123456789abcdef`);
    await add(path, 1, false, "v");
    expect(files(path)).toEqual([basename(path), `${basename(path)}.witness`]);
  });
});
