import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
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
import { createSqliteLedger } from "../../src/adapters/sqlite.js";
import { harness, said } from "../fixtures/guardian.js";
import { newPath } from "../fixtures/ledgers.js";
import { buildProgram, type Program } from "../fixtures/programs.js";

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

  /** W: the log is written, S: it is synced, A: an answer is said, in the order of the calls. */
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
function smallDisk(): Readonly<{ folder: string; remove: () => void }> | null {
  const folder = mkdtempSync(join(tmpdir(), "guardian-small-"));
  const run = (...command: string[]) =>
    [command, ["sudo", "-n", ...command]].some(
      ([name = "", ...args]) => spawnSync(name, args, { stdio: "ignore" }).status === 0,
    );
  if (run("mount", "-t", "tmpfs", "-o", "size=1m,mode=777", "tmpfs", folder)) {
    return {
      folder,
      remove: () => {
        run("umount", folder);
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
    const { ask, ledger } = harness({ max_24h: "100" }, createSqliteLedger({ path }));
    expect(said(await ask("first", "1"))).toBe("ALLOW within_limits");
    fill(join(small!.folder, "filler"));
    const together = () => Promise.all(Array.from({ length: 64 }, (_, n) => ask(`w-${n}`, "1")));
    const refused = new Set((await together()).map(said));
    expect([...refused]).toEqual(["REJECT ledger_unavailable"]);
    expect(said(await ask("alone", "1"))).toBe("REJECT ledger_unavailable");
    rmSync(join(small!.folder, "filler"));
    expect(await ledger.withdrawal("w-0")).toBeNull();
    expect(new Set((await together()).map(said))).toEqual(new Set(["ALLOW within_limits"]));
    // 1 + 64 of 100 are spent, nothing twice: 35 fit, 36 do not
    expect(said(await ask("much", "36"))).toBe("DELAY daily_limit");
    expect(said(await ask("rest", "35"))).toBe("ALLOW within_limits");
    await ledger.close();
  });

  it("refuses while the file cannot even be made", async () => {
    const path = join(small!.folder, "other.db");
    fill(join(small!.folder, "filler"));
    const { ask } = harness({ max_24h: "100" }, createSqliteLedger({ path }));
    expect(said(await ask("w", "1"))).toBe("REJECT ledger_unavailable");
    rmSync(join(small!.folder, "filler"));
    expect(said(await ask("w", "1"))).toBe("ALLOW within_limits");
  });
});

describe.skipIf(!hasSqlite)("a corrupt file", () => {
  it("refuses, records nothing, and recovers when a good copy is back", async () => {
    const path = newPath();
    const first = harness({ max_24h: "10" }, createSqliteLedger({ path }));
    expect(said(await first.ask("w-1", "6"))).toBe("ALLOW within_limits");
    await first.ledger.close();
    expect(existsSync(`${path}-wal`)).toBe(false); // the last to close leaves one whole file
    copyFileSync(path, `${path}.good`);
    const { ask } = harness({ max_24h: "10" }, createSqliteLedger({ path }));
    const size = statSync(path).size;
    const pages = readFileSync(path);
    writeFileSync(path, Buffer.concat([pages.subarray(0, 100), Buffer.alloc(size - 100, 0xa5)]));
    expect(said(await ask("w-2", "1"))).toBe("REJECT ledger_unavailable");
    writeFileSync(path, pages.subarray(0, 4_096)); // cut off behind the first page
    expect(said(await ask("w-2", "1"))).toBe("REJECT ledger_unavailable");
    for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
    copyFileSync(`${path}.good`, path);
    expect(said(await ask("w-2", "5"))).toBe("DELAY daily_limit");
    expect(said(await ask("w-3", "4"))).toBe("ALLOW within_limits");
  });
});

describe.skipIf(!hasSqlite)("callers that share commits", () => {
  it("have one transaction for many decisions", async () => {
    const path = newPath();
    const { ask } = harness({ max_24h: "1000" }, createSqliteLedger({ path }));
    await ask("first", "1");
    const before = statSync(`${path}-wal`).size;
    await Promise.all(Array.from({ length: 100 }, (_, n) => ask(`w-${n}`, "1")));
    // one by one each would write three pages or more
    expect((statSync(`${path}-wal`).size - before) / 4_120).toBeLessThan(100);
  });

  it("see each other, in the order in which they asked", async () => {
    const { ask } = harness({ max_24h: "10" }, createSqliteLedger({ path: newPath() }));
    const answers = await Promise.all(
      ["6", "5", "4", "1"].map((amount, n) => ask(`w-${n}`, amount)),
    );
    expect(answers.map(({ decision }) => decision)).toEqual(["ALLOW", "DELAY", "ALLOW", "DELAY"]);
  });

  it("get the answer of the one that asked first with the same id", async () => {
    const { ask } = harness({ max_24h: "10" }, createSqliteLedger({ path: newPath() }));
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask("w", "1")));
    for (const answer of answers.slice(1)) {
      expect(answer).toEqual({ ...answers[0], repeated: true });
    }
    expect((await ask("x", "9")).decision).toBe("ALLOW");
  });

  it("are not failed by one whose decision throws", async () => {
    const ledger = createSqliteLedger({ path: newPath() });
    const { ask } = harness({ max_24h: "10" }, ledger);
    const reads = { now_ms: 1, withdrawal_id: null, scopes: [], freezes: null };
    const failing = ledger.transact(reads, () => {
      throw new Error("no");
    });
    const [answer] = await Promise.all([ask("w", "1"), expect(failing).rejects.toThrow()]);
    expect(answer.decision).toBe("ALLOW");
  });

  it("are all refused after 250 ms of another's lock, and all served when it ends in time", async () => {
    const path = newPath();
    const { ask } = harness({ max_24h: "10000" }, createSqliteLedger({ path }));
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
    const ledger = createSqliteLedger({ path: newPath() });
    const { ask } = harness({ max_24h: "10" }, ledger);
    const waiting = ask("w", "1");
    await ledger.close();
    expect(said(await waiting)).toBe("REJECT ledger_unavailable");
  });
});
