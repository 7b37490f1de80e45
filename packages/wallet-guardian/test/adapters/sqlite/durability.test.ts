import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  openSync,
  closeSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSqliteLedger } from "../../../src/adapters/sqlite/index.js";
import type { StoredWithdrawal } from "../../../src/ports.js";
import { freeze, reads, stored } from "../../ledger/contract/fixtures.js";
import { harness, said } from "../../support/guardian.js";
import { newPath } from "../../support/ledgers.js";
import { buildProgram, type Program } from "../../support/programs.js";

const isRequired = process.env["REQUIRE_SERVICES"] === "1";
const hasStrace = isRequired || spawnSync("strace", ["-V"]).status === 0;
if (!hasStrace)
  console.warn("strace is not installed: skipping the system-call trace (apt-get install strace)");

describe.skipIf(!hasSqlite || !hasStrace)("the system calls of a SQLite ledger", () => {
  let program: Program;
  beforeAll(async () => {
    program = await buildProgram("trace-process");
  });
  afterAll(() => program.remove());

  /** W: the log is written, S: it is synced, A: an answer is printed, in the order of the calls. */
  async function trace(alone: number, together: number): Promise<string> {
    const output = `${newPath()}.trace`;
    const calls = "trace=fsync,fdatasync,write,writev,pwrite64";
    const args = ["-f", "-y", "-s", "32", "-e", calls, "-o", output, process.execPath];
    const child = spawn(
      "strace",
      [...args, program.script, newPath(), String(alone), String(together)],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    child.stdout.resume();
    await once(child, "close");
    return readFileSync(output, "utf8")
      .split("\n")
      .map((line) => {
        if (/pwrite64\(\d+<[^>]*-wal>/.test(line)) return "W";
        if (/f(data)?sync\(\d+<[^>]*-wal>/.test(line)) return "S";
        return /write\(1<.*"answer /.test(line) ? "A" : "";
      })
      .join("");
  }

  it("sync the log after its last write and before each answer of one caller", async () => {
    const calls = await trace(50, 0);
    const decisions = calls.slice(calls.indexOf("A") + 1); // the first also makes the tables
    expect(decisions).toMatch(/^(W+S+A){49}/);
    expect(calls.match(/A/g)).toHaveLength(50);
  });

  it("sync the log before any of the answers that share a commit", async () => {
    const calls = await trace(1, 500);
    expect(calls.match(/A/g)).toHaveLength(501);
    expect(calls).not.toMatch(/W[^S]*A/);
    expect(calls).toMatch(/W+SA{50}/);
  });
});

/** A file system of one megabyte; null where this user may not mount one. */
function smallDisk(): Readonly<{
  folder: string;
  remount: (how: "ro" | "rw") => void;
  remove: () => void;
}> | null {
  const folder = mkdtempSync(join(tmpdir(), "guardian-small-"));
  const run = (...command: string[]) =>
    [command, ["sudo", "-n", ...command]].some(
      ([name = "", ...args]) => spawnSync(name, args, { stdio: "ignore" }).status === 0,
    );
  if (run("mount", "-t", "tmpfs", "-o", "size=1m,mode=777", "tmpfs", folder)) {
    return {
      folder,
      remount: (how) => void run("mount", "-o", `remount,${how}`, folder),
      remove: () => {
        run("umount", "-l", folder);
        rmSync(folder, { recursive: true, force: true });
      },
    };
  }
  rmSync(folder, { recursive: true });
  console.warn("may not mount a small file system: skipping the full disk (run as root)");
  return null;
}

const small = hasSqlite ? smallDisk() : null;
afterAll(() => small?.remove());

/** Takes whatever room is left. */
function fill(path: string): void {
  const file = openSync(path, "w");
  try {
    for (const size of [65_536, 4_096, 1]) {
      for (;;) {
        try {
          if (writeSync(file, Buffer.alloc(size)) < size) break;
        } catch {
          break;
        }
      }
    }
  } finally {
    closeSync(file);
  }
}

describe.skipIf(small === null)("a full disk", () => {
  it("refuses all that share the commit, records nothing, and ends with the lack of room", async () => {
    const path = join(small!.folder, "ledger.db");
    const { ask, ledger } = harness({ max_24h: "100" }, createSqliteLedger({ path, create: true }));
    expect(said(await ask("first", "1"))).toBe("ALLOW within_limits");
    fill(join(small!.folder, "filler"));
    const together = () => Promise.all(Array.from({ length: 64 }, (_, n) => ask(`w-${n}`, "1")));
    const refused = new Set((await together()).map(said));
    expect([...refused]).toEqual(["REJECT ledger_unavailable"]);
    fill(join(small!.folder, "more")); // the log was given back when the file was closed
    expect(said(await ask("alone", "1"))).toBe("REJECT ledger_unavailable");
    for (const name of ["filler", "more"]) rmSync(join(small!.folder, name));
    expect(await ledger.withdrawal("w-0")).toBeNull();
    expect(new Set((await together()).map(said))).toEqual(new Set(["ALLOW within_limits"]));
    // 1 + 64 of 100 are spent, nothing twice: 35 fit, 36 do not
    expect(said(await ask("much", "36"))).toBe("DELAY daily_limit");
    expect(said(await ask("rest", "35"))).toBe("ALLOW within_limits");
    await ledger.close();
  });

  it("refuses to be made, and leaves nothing behind", async () => {
    const path = join(small!.folder, "other.db");
    fill(join(small!.folder, "filler"));
    const ledger = createSqliteLedger({ path, create: true });
    expect(() => ledger.check?.()).toThrow(/disk is full: make room/);
    expect(readdirSync(small!.folder).filter((name) => name.startsWith("other"))).toEqual([]);
    rmSync(join(small!.folder, "filler"));
    const { ask } = harness({ max_24h: "100" }, ledger);
    expect(said(await ask("w", "1"))).toBe("ALLOW within_limits");
    await ledger.close();
  });
});

describe.skipIf(small === null)("a disk that is mounted read-only", () => {
  it("is refused with what to do, and used again once it can be written", async () => {
    const path = join(small!.folder, "mounted.db");
    const first = harness({ max_24h: "100" }, createSqliteLedger({ path, create: true }));
    expect(said(await first.ask("w", "60"))).toBe("ALLOW within_limits");
    await first.ledger.close();
    small!.remount("ro");
    const ledger = createSqliteLedger({ path });
    const reason = /cannot be written: let the process's user write/;
    expect(() => ledger.check?.()).toThrow(reason);
    await expect(ledger.records(0, 1)).rejects.toMatchObject({ facts: { path, errno: "EROFS" } });
    const other = join(small!.folder, "new.db");
    expect(() => createSqliteLedger({ path: other, create: true }).check?.()).toThrow(reason);
    small!.remount("rw");
    const { ask } = harness({ max_24h: "100" }, ledger);
    expect(said(await ask("v", "41"))).toBe("DELAY daily_limit");
    expect(said(await ask("u", "40"))).toBe("ALLOW within_limits");
    await ledger.close();
  });
});

describe.skipIf(!hasSqlite)("a corrupt file", () => {
  it("refuses, records nothing, and recovers when a good copy is back", async () => {
    const path = newPath();
    const first = harness({ max_24h: "10" }, createSqliteLedger({ path, create: true }));
    expect(said(await first.ask("w-1", "6"))).toBe("ALLOW within_limits");
    await first.ledger.close();
    expect(existsSync(`${path}-wal`)).toBe(false); // the last to close leaves one whole file
    copyFileSync(path, `${path}.good`);
    const ledger = createSqliteLedger({ path });
    const { ask } = harness({ max_24h: "10" }, ledger);
    await ledger.records(0, 1);
    const size = statSync(path).size;
    const pages = readFileSync(path);
    const damaged = Buffer.concat([pages.subarray(0, 100), Buffer.alloc(size - 100, 0xa5)]);
    const damagedLedger = createSqliteLedger({ path });
    writeFileSync(path, damaged);
    expect(() => damagedLedger.check?.()).toThrow(/damaged: stop every process, restore/);
    writeFileSync(path, pages.subarray(0, 4_096)); // cut off behind the first page
    expect(() => damagedLedger.check?.()).toThrow();
    await damagedLedger.close();
    writeFileSync(path, pages);
    expect(said(await ask("w-2", "5"))).toBe("DELAY daily_limit");
    expect(said(await ask("w-3", "4"))).toBe("ALLOW within_limits");
    await ledger.close();
  });
});

describe.skipIf(!hasSqlite)("callers that share commits", () => {
  it("have one transaction for many decisions", async () => {
    const path = newPath();
    const { ask } = harness({ max_24h: "1000" }, createSqliteLedger({ path, create: true }));
    await ask("first", "1");
    const before = statSync(`${path}-wal`).size;
    await Promise.all(Array.from({ length: 100 }, (_, n) => ask(`w-${n}`, "1")));
    // one by one each would write three pages or more
    expect((statSync(`${path}-wal`).size - before) / 4_120).toBeLessThan(100);
  });

  it("count each other, in the order in which they came", async () => {
    const { ask } = harness(
      { max_24h: "10" },
      createSqliteLedger({ path: newPath(), create: true }),
    );
    const answers = await Promise.all(
      ["6", "5", "4", "1"].map((amount, n) => ask(`w-${n}`, amount)),
    );
    expect(answers.map(({ decision }) => decision)).toEqual(["ALLOW", "DELAY", "ALLOW", "DELAY"]);
  });

  it("get the answer of the first one with the same id", async () => {
    const { ask } = harness(
      { max_24h: "10" },
      createSqliteLedger({ path: newPath(), create: true }),
    );
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask("w", "1")));
    for (const answer of answers.slice(1)) {
      expect(answer).toEqual({ ...answers[0], repeated: true });
    }
    expect((await ask("x", "9")).decision).toBe("ALLOW");
  });

  it("are not failed by one whose decision throws", async () => {
    const ledger = createSqliteLedger({ path: newPath(), create: true });
    const { ask } = harness({ max_24h: "10" }, ledger);
    const failing = ledger.transact(reads(), () => {
      throw new Error("no");
    });
    const [answer] = await Promise.all([ask("w", "1"), expect(failing).rejects.toThrow()]);
    expect(answer.decision).toBe("ALLOW");
  });

  it("are not failed by one whose writes cannot be stored, whatever it has written before", async () => {
    const ledger = createSqliteLedger({ path: newPath(), create: true });
    const put = (id: string, row: Partial<StoredWithdrawal> = {}) =>
      ledger.transact(reads({ ids: [id] }), () => ({
        result: id,
        writes: {
          freezes: [freeze({ cause_id: id })],
          records: [{ kind: "decision", json: JSON.stringify({ id }) }],
          withdrawals: [stored(id), stored(`${id}-2`, row)],
        },
      }));
    const poisons: Partial<StoredWithdrawal>[] = [
      { amount: 0n }, // a constraint of the table
      { amount: 2n ** 64n }, // no 64-bit integer
      { status: "unheard of" as never },
      { wallet_id: {} as never },
    ];
    const calls = poisons.flatMap((poison, n) => [
      put(`before-${n}`),
      expect(put(`poison-${n}`, poison)).rejects.toMatchObject({ code: "ledger_unavailable" }),
      put(`after-${n}`),
    ]);
    const answers = (await Promise.all(calls)).filter((answer) => typeof answer === "string");
    expect(answers).toHaveLength(2 * poisons.length);
    for (const id of answers) expect(await ledger.withdrawal(id)).toEqual(stored(id));
    for (const n of poisons.keys()) expect(await ledger.withdrawal(`poison-${n}`)).toBeNull();
    const records = await ledger.records(0, 100);
    expect(records.map(({ seq, record }) => [seq, record["id"]])).toEqual(
      answers.map((id, n) => [n + 1, id]),
    );
    const [counted] = await ledger.frozen("", 10);
    expect(counted?.count).toBe(answers.length);
    await ledger.close();
  });

  it("are answered before what waits behind a decision that takes long", async () => {
    const ledger = createSqliteLedger({ path: newPath(), create: true });
    await ledger.records(0, 1);
    const order: string[] = [];
    const call = async (name: string, ms: number) => {
      await ledger.transact(reads(), () => {
        const end = performance.now() + ms;
        while (performance.now() < end);
        return { result: null, writes: { records: [{ kind: "decision", json: "{}" }] } };
      });
      order.push(`${name} after ${(await ledger.records(0, 100)).length}`);
    };
    await Promise.all([call("slow", 120), call("second", 0), call("third", 0)]);
    // the slow one is committed and answered alone; those behind it share the next commit
    expect(order[0]).toMatch(/^slow after [13]$/);
    expect(await ledger.records(0, 10)).toHaveLength(3);
    await ledger.close();
  });

  it("may call again from what follows the answer, not from within the decision", async () => {
    const ledger = createSqliteLedger({ path: newPath(), create: true });
    const refusals: Promise<unknown>[] = [];
    await ledger.transact(reads(), () => {
      const calls = [
        ledger.withdrawal("w"),
        ledger.records(0, 1),
        ledger.identity(),
        ledger.prune({ settled_before_ms: 1, sums_before_ms: 1, records_through_seq: 1, limit: 1 }),
        ledger.acceptClock(1, {
          ahead_ms: 0,
          recordOf: () => ({ kind: "clock_accepted", json: "{}" }),
        }),
      ];
      refusals.push(...calls.map((call) => expect(call).rejects.toThrow(/from within a decision/)));
      return { result: null, writes: null };
    });
    await Promise.all(refusals);
    const later: Promise<unknown>[] = [];
    await ledger.transact(reads(), () => {
      later.push(Promise.resolve().then(() => ledger.records(0, 1)));
      return { result: null, writes: null };
    });
    expect(await Promise.all(later)).toEqual([[]]);
    await ledger.close();
  });

  it("are all refused after 250 ms of another's lock, and all served when it ends in time", async () => {
    const path = newPath();
    const { ask } = harness({ max_24h: "10000" }, createSqliteLedger({ path, create: true }));
    await ask("first", "1");
    const other = new Database(path);
    const many = (name: string) =>
      Promise.all(Array.from({ length: 500 }, (_, n) => ask(`${name}-${n}`, "1")));
    other.exec("BEGIN IMMEDIATE");
    expect(new Set((await many("late")).map(said))).toEqual(new Set(["REJECT ledger_busy"]));
    const served = many("early");
    setTimeout(() => other.exec("COMMIT"), 50);
    expect(new Set((await served).map(said))).toEqual(new Set(["ALLOW within_limits"]));
    other.close();
  });

  it("refuse what waits when the ledger is closed", async () => {
    const ledger = createSqliteLedger({ path: newPath(), create: true });
    const { ask } = harness({ max_24h: "10" }, ledger);
    const waiting = ask("w", "1");
    await ledger.close();
    expect(said(await waiting)).toBe("REJECT ledger_unavailable");
  });
});
