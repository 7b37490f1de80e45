import {
  copyFileSync,
  existsSync,
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { adoptSqliteLedger, createSqliteLedger } from "../../../src/adapters/sqlite/index.js";
import { stored } from "../../ledger/contract/fixtures.js";
import { newPath } from "../../support/ledgers.js";
import { add, expectRefusal, made, open, put, refused } from "../../support/sqlite-files.js";

describe.skipIf(!hasSqlite)("the witness of a SQLite ledger", () => {
  const read = (path: string): unknown => JSON.parse(readFileSync(`${path}.witness`, "utf8"));

  it("states how far the ledger has come, in a file of one length that its owner alone may read", async () => {
    const path = newPath();
    const ledger = open(path, true);
    await put(ledger, "w-1");
    const { ledger_id } = await ledger.identity();
    expect(read(path)).toEqual({ ledger_id, epoch: 1, seq: 1 });
    await Promise.all(Array.from({ length: 99 }, (_, n) => put(ledger, `v-${n}`)));
    expect(read(path)).toEqual({ ledger_id, epoch: 1, seq: 100 });
    const { size, mode } = statSync(`${path}.witness`);
    expect([size, mode & 0o777]).toEqual([128, 0o600]);
    await ledger.close();
  });

  it("of a process that writes it late refuses nothing", async () => {
    const path = newPath();
    const [first, second] = [open(path, true), open(path, true)];
    await put(first, "w-1");
    const late = readFileSync(`${path}.witness`);
    await put(second, "w-2");
    await put(first, "w-3");
    writeFileSync(`${path}.witness`, late);
    await put(second, "w-4");
    await Promise.all([first.close(), second.close()]);
    await add(path, 1, false, "v");
  });

  it.each([
    ["empty", ""],
    ["nothing but zeros", "\0".repeat(128)],
  ])("that is %s after a power failure refuses nothing", async (_what, text) => {
    const path = await made(1);
    writeFileSync(`${path}.witness`, text);
    await add(path, 1, false, "v");
    expect(read(path)).toMatchObject({ seq: 2 });
  });

  it.each(["something else", "{}", '{"ledger_id":"x","epoch":1,"seq":1}', "null"])(
    "that is %j refuses the ledger",
    async (text) => {
      const path = await made(1);
      writeFileSync(`${path}.witness`, text);
      await expectRefusal(open(path), /is no witness of a ledger/);
    },
  );

  it("that is missing is written again", async () => {
    const path = await made(2);
    unlinkSync(`${path}.witness`);
    await add(path, 1, false, "v");
    expect(read(path)).toMatchObject({ seq: 3 });
  });

  it("is not kept where none is configured", async () => {
    const path = newPath();
    const ledger = createSqliteLedger({ path, create: true, witness: false });
    await put(ledger, "w-1");
    expect(existsSync(`${path}.witness`)).toBe(false);
    await ledger.close();
  });
});

describe.skipIf(!hasSqlite)("adoptSqliteLedger", () => {
  const order = (path: string) => ({
    path,
    operator: "alice",
    reason: "restored",
    clock: () => 7_000,
  });

  it("rejects a damaged file, and takes the backup once that is copied again", async () => {
    const path = await made(50);
    copyFileSync(path, `${path}.backup`);
    const { length } = readFileSync(path);
    const damaged = readFileSync(path).fill(0xff, length - 4_096 * 3);
    writeFileSync(path, damaged);
    const adoption = { path, operator: "ann", reason: "restored", clock: () => 1 };
    await expect(adoptSqliteLedger(adoption)).rejects.toMatchObject(
      refused(/damaged, or lies beside the log of another state: remove/),
    );
    copyFileSync(`${path}.backup`, path);
    expect(await adoptSqliteLedger(adoption)).toMatchObject({ epoch: 2, missing_records: 0 });
  });

  it("takes a ledger that was moved: a new epoch, a record, and the old path no more", async () => {
    const path = await made(2);
    const before = open(path);
    const { ledger_id } = await before.identity();
    await before.close();
    const moved = newPath();
    renameSync(path, moved);
    await expectRefusal(open(moved), /made for/);
    expect(await adoptSqliteLedger(order(moved))).toEqual({
      ledger_id,
      epoch: 2,
      missing_records: 0,
    });
    const ledger = open(moved);
    expect(await ledger.identity()).toEqual({ ledger_id, epoch: 2 });
    expect(await ledger.withdrawal("w-2")).toEqual(stored("w-2"));
    expect((await ledger.records(2, 10))[0]).toMatchObject({
      seq: 3,
      at_ms: 7_000,
      kind: "adopted",
      record: {
        operator: "alice",
        reason: "restored",
        ledger_id,
        epoch: 2,
        path: moved,
        path_before: path,
        newest_seq: 2,
      },
    });
    await ledger.close();
    renameSync(moved, path);
    rmSync(`${path}.witness`);
    await expectRefusal(open(path), /made for/);
  });

  it("takes a restored backup; processes of the epoch before refuse", async () => {
    const path = await made(1);
    copyFileSync(path, `${path}.backup`);
    await add(path, 3, false, "v");
    copyFileSync(`${path}.backup`, path);
    expect(await adoptSqliteLedger(order(path))).toMatchObject({ epoch: 2, missing_records: 3 });
    const old = open(path);
    expect((await old.records(1, 10))[0]).toMatchObject({
      kind: "adopted",
      record: { newest_seq: 1, witness: { seq: 4 }, missing_records: 3 },
    });
    await put(old, "u-1");
    expect((await adoptSqliteLedger(order(path))).epoch).toBe(3);
    await expect(put(old, "u-2")).rejects.toMatchObject(
      refused(/adopted \(epoch 3\) while this process used epoch 2/),
    );
    await expectRefusal(old, /adopted/);
    await old.close();
    await add(path, 1, false, "t");
  });

  it("goes beyond every epoch that the witness has seen", async () => {
    const path = await made(1);
    copyFileSync(path, `${path}.backup`);
    for (let n = 0; n < 3; n++) await adoptSqliteLedger(order(path));
    copyFileSync(`${path}.backup`, path);
    await expectRefusal(open(path), /of epoch 1, where \d+ of epoch 4/);
    expect((await adoptSqliteLedger(order(path))).epoch).toBe(5);
    await add(path, 1, false, "t");
  });

  it.each<[string, (path: string) => void, RegExp]>([
    ["is missing", () => undefined, /missing/],
    ["is empty", (path) => writeFileSync(path, ""), /empty/],
    [
      "has two names",
      (path) => {
        new Database(path).exec("CREATE TABLE x (x)").close();
        linkSync(path, `${path}.2`);
      },
      /2 names/,
    ],
    [
      "is another program's",
      (path) => void new Database(path).exec("CREATE TABLE x (x)").close(),
      /without a ledger's tables/,
    ],
  ])("takes no file that %s", async (_what, prepare, text) => {
    const path = newPath();
    prepare(path);
    await expect(adoptSqliteLedger(order(path))).rejects.toMatchObject(refused(text));
  });

  it.each([
    { operator: "" },
    { operator: " x" },
    { reason: "" },
    { reason: "\n" },
    { path: "" },
    { path: "ledger.db " },
    { path: "\tledger.db" },
    { clock: () => NaN },
    { clock: () => -1 },
  ])("takes no order with %o", (wrong) => {
    expect(() => adoptSqliteLedger({ ...order("x"), ...wrong })).toThrow(RangeError);
  });

  it("counts no record of another ledger's witness as missing", async () => {
    const [path, other] = [await made(1), await made(5)];
    copyFileSync(`${other}.witness`, `${path}.witness`);
    expect((await adoptSqliteLedger(order(path))).missing_records).toBe(0);
  });

  it("is refused, as its opening is, where blanks are around the path", () => {
    for (const path of ["ledger.db ", " ledger.db", "ledger.db\n", " "])
      expect(() => createSqliteLedger({ path, create: true })).toThrow(RangeError);
  });
});

describe.skipIf(!hasSqlite)(
  "a program whose ledger was brought to a newer version meanwhile",
  () => {
    it("refuses", async () => {
      const path = newPath();
      const ledger = open(path, true);
      await put(ledger, "w-1");
      const newer = new Database(path);
      newer.pragma("user_version = 5");
      newer.close();
      await expect(put(ledger, "w-2")).rejects.toMatchObject(
        refused(/version 5 by another program/),
      );
      await expectRefusal(ledger, /newer version 5/);
      await ledger.close();
    });
  },
);
