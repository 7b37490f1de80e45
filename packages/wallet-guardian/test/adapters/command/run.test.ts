import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { run } from "../../../src/adapters/command/run.js";
import { createSqliteLedger } from "../../../src/adapters/sqlite/index.js";
import { createGuardian, type ExportedRecord, verifyRecord } from "../../../src/index.js";

const DAY_MS = 86_400_000;
const START_MS = 1_782_664_805_000;
const policy = { max_24h: "1000" };

describe.skipIf(!hasSqlite)("guardian-ledger", () => {
  let folder = "";
  let [path, out, policyFile] = ["", "", ""];
  let now = START_MS;
  let said = { stdout: "", stderr: "" };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "guardian-ledger-"));
    [path, out, policyFile] = ["l.db", "records.jsonl", "policy.json"].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    writeFileSync(policyFile, JSON.stringify(policy));
    now = START_MS;
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function command(...args: string[]): Promise<number> {
    said = { stdout: "", stderr: "" };
    return run(args, {
      stdout: (text) => void (said.stdout += text),
      stderr: (text) => void (said.stderr += text),
      now: () => now,
    });
  }

  async function fill(from: number, to: number): Promise<void> {
    const ledger = createSqliteLedger({ path, create: true });
    const guardian = createGuardian({ policy, ledger, clock: () => now });
    for (let n = from; n < to; n++) {
      now += 1_000;
      await guardian.evaluate({ withdrawal_id: `w-${n}`, wallet_id: "hot", amount: "1" }, "LOW");
    }
    await guardian.freeze("wallet", "cold", { operator: "ann", reason: "audit" });
    await ledger.close();
  }

  const lines = () =>
    readFileSync(out, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const seqs = () => lines().flatMap(({ seq }) => (typeof seq === "number" ? [seq] : []));
  const ledgerIs = () => ["--ledger", path];
  const by = ["--operator", "ann", "--reason", "yearly"];

  it("states which ledger it is, what is frozen and what is not settled", async () => {
    await fill(0, 3);
    expect(await command("status", ...ledgerIs(), "--json")).toBe(0);
    expect(JSON.parse(said.stdout)).toMatchObject({
      epoch: 1,
      frozen: [{ scope: "wallet", id: "cold", kind: "operator", operator: "ann" }],
      payments: { claimed: 3, unsettled: 0 },
    });
    const [{ cause_id } = { cause_id: "" }] = (
      JSON.parse(said.stdout) as { frozen: { cause_id: string }[] }
    ).frozen;
    now += DAY_MS;
    await command("status", ...ledgerIs());
    expect(said.stdout).toContain(`cause ${cause_id},`);
    expect(said.stdout).toMatch(
      /^ledger [0-9a-f]{32}, epoch 1\n1 freeze\n {2}wallet cold: operator, cause \S+, audit\n/,
    );
    expect(said.stdout).toMatch(/3 payments unsettled/);
  });

  it("exports each record once, and goes on where the file ends", async () => {
    await fill(0, 4);
    expect(await command("export", ...ledgerIs(), "--out", out)).toBe(0);
    const first = seqs().length;
    await fill(4, 6);
    expect(await command("export", ...ledgerIs(), "--out", out)).toBe(0);
    expect(seqs().length).toBeGreaterThan(first);
    expect(seqs()).toEqual(Array.from({ length: seqs().length }, (_, index) => index + 1));
    let root = "";
    for (const line of lines()) {
      if (Object.hasOwn(line, "segment")) ({ root } = line["segment"] as { root: string });
      else expect(verifyRecord(line as unknown as ExportedRecord, root)).toBe(true);
    }
  });

  it("prunes what it has exported, and nothing that a window may need", async () => {
    await fill(0, 4);
    now += 10 * DAY_MS;
    await fill(4, 6);
    const args = ["prune", ...ledgerIs(), "--out", out, "--policy", policyFile, ...by, "--json"];
    expect(await command(...args)).toBe(0);
    const { records, rows } = JSON.parse(said.stdout) as { records: number; rows: number };
    expect(records).toBe(seqs().length);
    expect(rows).toBeGreaterThanOrEqual(records);
    const ledger = createSqliteLedger({ path });
    const guardian = createGuardian({ policy, ledger, clock: () => now });
    expect(await guardian.wallet("hot")).toMatchObject({ windows: [{ spent: "2" }] });
    expect((await ledger.records(0, 10)).map(({ kind }) => kind)[0]).toBe("pruned");
    await ledger.close();
  });

  describe("prune", () => {
    const prune = () =>
      command("prune", ...ledgerIs(), "--out", out, "--policy", policyFile, ...by, "--json");
    const kept = async () => {
      const ledger = createSqliteLedger({ path });
      const records = await ledger.records(0, 1_000);
      await ledger.close();
      return records;
    };

    it("records the roots of all that it removes, also of an earlier export", async () => {
      await fill(0, 4);
      await command("export", ...ledgerIs(), "--out", out);
      const roots = lines().flatMap(({ segment }) => (segment === undefined ? [] : [segment]));
      expect(await prune()).toBe(0);
      const [first, ...more] = await kept();
      expect(more).toEqual([]);
      expect(first).toMatchObject({ kind: "pruned", record: { segments: [{}] } });
      expect(roots).toMatchObject((first?.record as { segments: object[] }).segments);
      await fill(4, 6);
      expect(await prune()).toBe(0);
      expect((await kept()).map(({ kind }) => kind)).toEqual(["pruned"]);
    });

    it("refuses a longer file of another ledger, as export does", async () => {
      await fill(0, 9);
      await command("export", ...ledgerIs(), "--out", out);
      path = join(folder, "other.db");
      await fill(0, 2);
      const before = await kept();
      const text = readFileSync(out, "utf8");
      expect([await prune(), await command("export", ...ledgerIs(), "--out", out)]).toEqual([2, 2]);
      expect(said.stderr).toMatch(/of another ledger/);
      expect(await kept()).toEqual(before);
      expect(readFileSync(out, "utf8")).toBe(text);
    });

    it.each<[string, (whole: string[]) => string[]]>([
      ["of one line that is no export", () => ['{"seq":999}']],
      ["that lost its first lines", (whole) => whole.slice(2)],
      ["that lost a line of its middle", (whole) => whole.toSpliced(3, 1)],
      ["that lost its last line", (whole) => whole.slice(0, -1)],
      ["with a foreign line", (whole) => [...whole, "{}"]],
    ])("refuses a file %s", async (_, change) => {
      await fill(0, 4);
      await command("export", ...ledgerIs(), "--out", out);
      const before = await kept();
      const whole = readFileSync(out, "utf8").trimEnd().split("\n");
      writeFileSync(out, `${change(whole).join("\n")}\n`);
      expect(await prune()).toBe(2);
      expect(await kept()).toEqual(before);
    });

    it("refuses a file that lost its first segment", async () => {
      await fill(0, 4);
      await command("export", ...ledgerIs(), "--out", out, "--through", "2");
      await command("export", ...ledgerIs(), "--out", out);
      const before = await kept();
      writeFileSync(out, readFileSync(out, "utf8").split("\n").slice(3).join("\n"));
      expect(await prune()).toBe(3);
      expect(said.stderr).toMatch(/lacks record 1/);
      expect(await kept()).toEqual(before);
    });

    it("refuses a file of the epoch before an adoption; a new file serves", async () => {
      await fill(0, 4);
      await command("export", ...ledgerIs(), "--out", out);
      await command("adopt", ...ledgerIs(), "--operator", "ann", "--reason", "two\u2028lines");
      const before = await kept();
      expect(await prune()).toBe(2);
      expect(said.stderr).toMatch(/not of epoch 2/);
      expect(await kept()).toEqual(before);
      out = join(folder, "second.jsonl");
      expect(await prune()).toBe(0);
      expect((await kept()).map(({ kind }) => kind)).toEqual(["pruned"]);
      expect(await prune()).toBe(0); // reads the line separator in the record of the adoption
    });
  });

  it("adopts a ledger that was moved", async () => {
    await fill(0, 1);
    const moved = join(folder, "moved.db");
    for (const end of ["", "-wal", "-shm"]) {
      try {
        renameSync(path + end, moved + end);
      } catch {
        continue; // SQLite removes these two when it closes
      }
    }
    expect(await command("status", "--ledger", moved)).toBe(3);
    expect(said.stderr).toContain("guardian-ledger adopt");
    expect(await command("adopt", "--ledger", moved, ...by)).toBe(0);
    expect(said.stdout).toMatch(/epoch 2/);
    expect(await command("status", "--ledger", moved)).toBe(0);
  });

  it("warns of records that an adopted file is known to lack", async () => {
    await fill(0, 1);
    copyFileSync(path, `${path}.backup`);
    await fill(1, 4);
    copyFileSync(`${path}.backup`, path);
    expect(await command("adopt", ...ledgerIs(), ...by, "--json")).toBe(0);
    const { missing_records } = JSON.parse(said.stdout) as { missing_records: number };
    expect(missing_records).toBeGreaterThanOrEqual(3);
    expect(said.stderr).toMatch(`warning: at least ${missing_records} records`);
    expect(await command("adopt", ...ledgerIs(), ...by)).toBe(0);
    expect(said.stderr).toBe("");
  });

  it("refuses to go on after a cut line, and writes nothing", async () => {
    await fill(0, 2);
    await command("export", ...ledgerIs(), "--out", out);
    appendFileSync(out, '{"seq":9');
    const before = readFileSync(out, "utf8");
    expect(await command("export", ...ledgerIs(), "--out", out)).toBe(2);
    expect(said.stderr).toMatch(/does not end with a whole record/);
    expect(readFileSync(out, "utf8")).toBe(before);
  });

  it.each<[string, string[], RegExp]>([
    ["no command", ["--ledger", "x"], /give one command/],
    ["two commands", ["export", "prune", "--ledger", "x"], /give one command/],
    ["an unknown flag", ["status", "--ledger", "x", "--force"], /--force/],
    ["no ledger", ["status"], /give --ledger/],
    ["no file", ["export", "--ledger", "x"], /give --out/],
    ["no policy", ["prune", "--ledger", "x", "--out", "y", ...by], /give --policy/],
    ["no operator", ["adopt", "--ledger", "x", "--reason", "r"], /give --operator/],
    ["a number that is none", ["export", "--ledger", "x", "--out", "y", "--after", "-1"], /after/],
  ])("refuses %s with exit code 2", async (_, args, text) => {
    expect(await command(...args)).toBe(2);
    expect(said.stderr).toMatch(text);
    expect(said.stdout).toBe("");
  });

  it("states in one line what is wrong with a ledger, with exit code 3", async () => {
    expect(await command("status", ...ledgerIs())).toBe(3);
    expect(said.stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(said.stderr).toContain(path);
  });

  it("names the fault of a policy", async () => {
    await fill(0, 1);
    writeFileSync(policyFile, '{"max_24h":"1","max_24":"1"}');
    const args = ["prune", ...ledgerIs(), "--out", out, "--policy", policyFile, ...by];
    expect(await command(...args)).toBe(2);
    expect(said.stderr).toMatch(/max_24: no such field/);
  });

  it("prints how it is used", async () => {
    expect(await command("--help")).toBe(0);
    expect(said.stdout).toMatch(/^guardian-ledger: /);
  });
});
