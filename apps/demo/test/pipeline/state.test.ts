import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256Hex } from "@dgb-shield/contract";
import { createGuardian, createMemoryLedger } from "@dgb-shield/wallet-guardian";
import ts from "typescript";
import { afterAll, describe, expect, it } from "vitest";
import type { StateStore } from "../../src/pipeline/index.js";
import { createStateFile } from "../../src/pipeline/state/state-file.js";
import {
  CALM_MS,
  calmSite,
  GROESTL,
  REQUEST,
  see,
  site,
  type SiteOptions,
  type TestSite,
} from "../support/site.js";

const folder = mkdtempSync(join(tmpdir(), "shield-state-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newPath = (): string => join(folder, `state-${++files}`);

/** A store in memory that a test can look into and break. */
function memoryStore(text: string | null = null) {
  const store = {
    text,
    saves: 0,
    isBroken: false,
    load: () => store.text,
    save(next: string): void {
      if (store.isBroken) throw new Error("disk full");
      store.saves++;
      store.text = next;
    },
  };
  return store;
}

const RELEASE = { detector: "retired_algorithm", operator: "ann", reason: "node upgraded" };
const ADOPT = { detector: "state_missing", operator: "ann", reason: "first start of this version" };

/** A site that allowed one withdrawal, then saw a retired block. */
async function lockedSite(options: SiteOptions): Promise<TestSite> {
  const made = calmSite(options);
  expect((await made.pipeline.decideWithdrawal({ ...REQUEST, withdrawal_id: "w-0" })).final).toBe(
    true,
  );
  see(made, 3_040, GROESTL);
  for (let height = 3_041; height < 3_050; height++) see(made, height);
  return made;
}

/** The site after a restart, with as many calm blocks as a calm site has. */
function restarted(options: SiteOptions): TestSite {
  const made = site(options);
  for (let height = 3_050; height < 3_080; height++) see(made, height);
  return made;
}

describe("createPipeline, after a restart", () => {
  it("refuses as before: a latch outlives the process, until an operator releases it", async () => {
    const [ledger, state] = [createMemoryLedger(), createStateFile(newPath())];
    await lockedSite({ ledger, state });
    const second = restarted({ ledger, state });
    const refused = await second.pipeline.decideWithdrawal(REQUEST);
    expect(refused.final).toBe(false);
    expect(refused.record.inputs).toMatchObject({ sentinel_level: "critical", lockdown: "FULL" });
    expect(second.pipeline.release(RELEASE)).toEqual(["retired_algorithm:3040"]);
    for (let height = 3_080; height < 3_150; height++) see(second, height);
    expect((await second.pipeline.decideWithdrawal(REQUEST)).final).toBe(true);
  });

  it("keeps an operator's release over the next restart", async () => {
    const [ledger, state] = [createMemoryLedger(), createStateFile(newPath())];
    const first = await lockedSite({ ledger, state });
    first.pipeline.release(RELEASE);
    const second = restarted({ ledger, state });
    for (let height = 3_080; height < 3_150; height++) see(second, height);
    expect((await second.pipeline.decideWithdrawal(REQUEST)).final).toBe(true);
  });

  it.each<[string, (text: string) => string | null]>([
    ["missing", () => null],
    ["empty", () => ""],
    ["cut off", (text) => text.slice(0, -100)],
    ["altered in one character", (text) => text.replace("FULL", "NONE")],
    [
      "altered under a right checksum",
      (text) => sealed(text.split("\n")[1]!.replaceAll("FULL", "NONE")),
    ],
    [
      "of a later version",
      (text) => sealed(text.split("\n")[1]!.replace('"state_version":1', '"state_version":2')),
    ],
    ["not JSON", () => sealed("nonsense")],
  ])("locks the node down where the ledger has history and the state is %s", async (_, damage) => {
    const ledger = createMemoryLedger();
    const state = memoryStore();
    await lockedSite({ ledger, state });
    state.text = damage(state.text!);
    const second = restarted({ ledger, state });
    const refused = await second.pipeline.decideWithdrawal(REQUEST);
    expect(refused.final).toBe(false);
    expect(refused.record.inputs.lockdown).toBe("FULL");
  });

  it("locks down without any store once the ledger has history, and is opened by an order that is recorded", async () => {
    const ledger = createMemoryLedger();
    await lockedSite({ ledger });
    const second = restarted({ ledger, state: memoryStore() });
    const refused = await second.pipeline.decideWithdrawal(REQUEST);
    expect([refused.final, refused.record.inputs.lockdown]).toEqual([false, "FULL"]);
    expect(second.pipeline.release(ADOPT)).toEqual(["state_missing"]);
    for (let height = 3_080; height < 3_150; height++) see(second, height);
    expect(
      (await second.pipeline.decideWithdrawal({ ...REQUEST, withdrawal_id: "w-2" })).final,
    ).toBe(true);
  });

  it("locks down where the state is an older one than the ledger rests on", async () => {
    const ledger = createMemoryLedger();
    const state = memoryStore();
    const made = calmSite({ ledger, state });
    await made.pipeline.decideWithdrawal({ ...REQUEST, withdrawal_id: "w-0" });
    const backup = state.text;
    see(made, 3_040, GROESTL);
    await made.pipeline.decideWithdrawal(REQUEST);
    state.text = backup;
    const second = restarted({ ledger, state });
    const refused = await second.pipeline.decideWithdrawal({ ...REQUEST, withdrawal_id: "w-2" });
    expect([refused.final, refused.record.inputs.lockdown]).toEqual([false, "FULL"]);
  });

  it("locks down where a decision rested on a latch that could not be saved before the crash", async () => {
    const [ledger, state] = [createMemoryLedger(), memoryStore()];
    const made = calmSite({ ledger, state });
    await made.pipeline.decideWithdrawal({ ...REQUEST, withdrawal_id: "w-0" });
    state.isBroken = true;
    see(made, 3_040, GROESTL);
    const refused = await made.pipeline.decideWithdrawal(REQUEST);
    expect(refused.record.veto).toBe("state_unavailable");
    state.isBroken = false;
    const second = restarted({ ledger, state });
    const after = await second.pipeline.decideWithdrawal({ ...REQUEST, withdrawal_id: "w-2" });
    expect([after.final, after.record.inputs.lockdown]).toEqual([false, "FULL"]);
  });

  it("refuses the state of another node or chain at once", async () => {
    const state = memoryStore();
    calmSite({ state });
    expect(() => site({ state, node_id: "node-b" })).toThrow(/stored state is of node node-a/);
  });

  it("begins without a lockdown where the ledger is new", async () => {
    expect(
      (await calmSite({ state: memoryStore() }).pipeline.decideWithdrawal(REQUEST)).final,
    ).toBe(true);
  });

  const ORDER = { operator: "ann", reason: "before the first day" };

  /** A ledger with 1,100 payments of before, in three transactions with a freeze around them. */
  async function importedLedger() {
    const ledger = createMemoryLedger();
    const policy = { max_24h: "500" };
    const guardian = createGuardian({ policy, ledger, clock: () => CALM_MS });
    const payments = Array.from({ length: 1_100 }, (_, n) => ({
      ...{ withdrawal_id: `o-${n}`, wallet_id: "hot", amount: "0.1" },
      ...{ paid_at_ms: CALM_MS - 1_000, txid: n.toString(16).padStart(64, "0") },
    }));
    expect(await guardian.importPayments(payments, ORDER)).toMatchObject({ imported: 1_100 });
    return { ledger, guardian };
  }

  it("takes payments that were imported before the first start for no history", async () => {
    const { ledger } = await importedLedger();
    const { pipeline } = calmSite({ ledger, state: memoryStore() });
    expect((await pipeline.decideWithdrawal(REQUEST)).final).toBe(true);
  });

  it("locks down where anything else was recorded beside them", async () => {
    const { ledger, guardian } = await importedLedger();
    await guardian.freeze("wallet", "cold", ORDER);
    const { pipeline } = calmSite({ ledger, state: memoryStore() });
    const refused = await pipeline.decideWithdrawal(REQUEST);
    expect([refused.final, refused.record.inputs.lockdown]).toEqual([false, "FULL"]);
  });
});

describe("decideWithdrawal, with a store", () => {
  it("refuses while the state cannot be saved, and goes on when it can", async () => {
    const state = memoryStore();
    const made = calmSite({ state });
    state.isBroken = true;
    see(made, 3_040, GROESTL);
    made.pipeline.release(RELEASE);
    for (let height = 3_041; height < 3_080; height++) see(made, height);
    const refused = await made.pipeline.decideWithdrawal(REQUEST);
    expect([refused.final, refused.record.veto]).toEqual([false, "state_unavailable"]);
    state.isBroken = false;
    expect((await made.pipeline.decideWithdrawal(REQUEST)).final).toBe(true);
  });

  it("waits for a store that saves asynchronously, and refuses where it fails", async () => {
    let text: string | null = null;
    let isBroken = false;
    const state: StateStore = {
      load: () => text,
      save: async (next) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (isBroken) throw new Error("connection lost");
        text = next;
      },
    };
    const made = calmSite({ state });
    expect((await made.pipeline.decideWithdrawal(REQUEST)).final).toBe(true);
    expect(text).not.toBeNull();
    isBroken = true;
    see(made, 3_040, GROESTL);
    made.pipeline.release(RELEASE);
    for (let height = 3_041; height < 3_080; height++) see(made, height);
    const refused = await made.pipeline.decideWithdrawal({ ...REQUEST, withdrawal_id: "w-2" });
    expect([refused.final, refused.record.veto]).toEqual([false, "state_unavailable"]);
  });

  it("has a latch on disk before observe returns it", () => {
    const state = memoryStore();
    const made = calmSite({ state });
    const before = state.saves;
    see(made, 3_040, GROESTL);
    expect(state.saves).toBe(before + 1);
    expect(state.text).toContain("retired_algorithm:3040");
  });

  it("does not write the whole state for each calm block", () => {
    const state = memoryStore();
    calmSite({ state });
    // 40 blocks in ten minutes: one save a minute, and one for each change
    expect(state.saves).toBeLessThanOrEqual(15);
  });
});

describe("a store that saves asynchronously", () => {
  /** A store whose saves take as long as the test says. */
  function slowStore() {
    const store = {
      text: null as string | null,
      waitMs: 0,
      open: 0,
      mostOpen: 0,
      load: () => store.text,
      async save(text: string): Promise<void> {
        store.mostOpen = Math.max(store.mostOpen, ++store.open);
        await sleep(store.waitMs);
        store.open--;
        store.text = text;
      },
    };
    return store;
  }

  it("ends with the newest text, though a routine save was slow and a latch came after it", async () => {
    const [state, ledger] = [slowStore(), createMemoryLedger()];
    const made = calmSite({ state, ledger });
    await made.pipeline.decideWithdrawal({ ...REQUEST, withdrawal_id: "w-0" });
    state.waitMs = 80;
    for (let height = 3_040; height < 3_045; height++) see(made, height);
    state.waitMs = 5;
    see(made, 3_045, GROESTL);
    await made.pipeline.decideWithdrawal(REQUEST);
    await expect.poll(() => state.text, { timeout: 30_000 }).toContain("retired_algorithm:3045");
    // Time for an older save to end after it.
    await sleep(200);
    expect(state.text).toContain("retired_algorithm:3045");
    expect(state.mostOpen).toBe(1);
    const second = restarted({ state, ledger });
    expect(
      (await second.pipeline.decideWithdrawal({ ...REQUEST, withdrawal_id: "w-2" })).final,
    ).toBe(false);
  });

  it("leaves no rejection unhandled", async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown) => void unhandled.push(reason);
    process.on("unhandledRejection", listener);
    let saves = 0;
    const state: StateStore = {
      load: () => null,
      save: () => (++saves === 1 ? sleep(60) : Promise.reject(new Error("disk full"))),
    };
    const made = calmSite({ state });
    for (let height = 3_040; height < 3_060; height++) see(made, height);
    await sleep(150);
    process.off("unhandledRejection", listener);
    expect(unhandled).toEqual([]);
    expect(saves).toBeGreaterThan(1);
  });

  it("answers within seconds though a save, or the ledger's history, never settles", async () => {
    const never = new Promise<never>(() => undefined);
    const stuck = calmSite({ state: { load: () => null, save: () => never } });
    expect((await stuck.pipeline.decideWithdrawal(REQUEST)).record.veto).toBe("state_unavailable");
    const inner = createMemoryLedger();
    const mute = calmSite({ ledger: { ...inner, records: () => never }, state: memoryStore() });
    expect((await mute.pipeline.decideWithdrawal(REQUEST)).record.veto).toBe("state_unavailable");
  }, 30_000);
});

describe("createPipeline, a ledger that answers late", () => {
  /** A memory ledger whose records take a round trip. */
  function remoteLedger() {
    const inner = createMemoryLedger();
    return {
      ...inner,
      records: async (after: number, limit: number) => {
        await sleep(5);
        return inner.records(after, limit);
      },
    };
  }

  it("takes records of its own first decisions for no history", async () => {
    const made = calmSite({ ledger: remoteLedger(), state: memoryStore() });
    const decisions: ReturnType<typeof made.pipeline.decideWithdrawal>[] = [];
    for (let i = 0; i < 30; i++) {
      decisions.push(made.pipeline.decideWithdrawal({ ...REQUEST, withdrawal_id: `w-${i}` }));
      await sleep(1);
    }
    expect((await Promise.all(decisions)).map(({ final }) => final)).toEqual(Array(30).fill(true));
  });

  it("takes an accepted clock before the first decision for no history", async () => {
    const made = calmSite({ ledger: remoteLedger(), state: memoryStore() });
    await made.pipeline.acceptClock({ operator: "ann", reason: "checked" });
    expect((await made.pipeline.decideWithdrawal(REQUEST)).final).toBe(true);
  });
});

describe("a ledger that cannot be read at first", () => {
  /** A memory ledger whose first reading of records fails. */
  function failingOnce() {
    const inner = createMemoryLedger();
    let isFailing = true;
    return {
      ...inner,
      records: (after: number, limit: number) => {
        if (!isFailing) return inner.records(after, limit);
        isFailing = false;
        return Promise.reject(new Error("the connection was lost"));
      },
    };
  }

  it("gets no record before the stored state was compared with it, so that none is taken for history", async () => {
    const ledger = failingOnce();
    const made = calmSite({ ledger, state: memoryStore() });
    const first = await made.pipeline.decideWithdrawal(REQUEST);
    expect([first.final, first.recorded, first.record.veto]).toEqual([
      false,
      false,
      "state_unavailable",
    ]);
    expect(await ledger.records(0, 1)).toEqual([]);
    const second = await made.pipeline.decideWithdrawal(REQUEST);
    expect([second.final, second.record.inputs.lockdown]).toEqual([true, "NONE"]);
  });

  it("gets no accepted clock before that either", async () => {
    const ledger = failingOnce();
    const made = calmSite({ ledger, state: memoryStore() });
    expect(await made.pipeline.acceptClock({ operator: "ann", reason: "checked" })).toEqual({
      accepted: false,
      refused_by: ["wallet_guardian"],
    });
    expect((await made.pipeline.decideWithdrawal(REQUEST)).final).toBe(true);
  });
});

describe("createStateFile", () => {
  it("gives back what it saved, keeps it from other users, and leaves no draft", () => {
    const path = newPath();
    const store = createStateFile(path);
    expect(store.load()).toBeNull();
    void store.save("one\n");
    void store.save("two\n");
    expect(createStateFile(path).load()).toBe("two\n");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(() => statSync(`${path}.new`)).toThrow();
  });

  it("throws where the folder is gone", () => {
    expect(() => void createStateFile(join(folder, "gone", "state")).save("x")).toThrow();
  });

  it("holds one whole text, whenever the process is killed", async () => {
    const path = newPath();
    const program = programOf(path);
    for (let round = 0; round < 10; round++) {
      const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
      await once(child.stdout, "data");
      await new Promise((resolve) => setTimeout(resolve, 5 + round * 7));
      child.kill("SIGKILL");
      await once(child, "exit");
      const [number, filler, end] = readFileSync(path, "utf8").split(" ");
      expect([filler, end]).toEqual(["x".repeat(100_000), `${number}\n`]);
    }
  }, 60_000);
});

/** A program that saves one text after the other for ever, and prints when it has begun. */
function programOf(path: string): string {
  const source = readFileSync(
    join(import.meta.dirname, "..", "..", "src", "pipeline", "state", "state-file.ts"),
    "utf8",
  );
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  const { outputText } = ts.transpileModule(source, { compilerOptions: options });
  const program = join(folder, "save-forever.mjs");
  writeFileSync(
    program,
    `${outputText}
const store = createStateFile(${JSON.stringify(path)});
for (let number = 1; ; number++) {
  store.save(\`\${number} \${"x".repeat(100_000)} \${number}\\n\`);
  if (number === 1) process.stdout.write("begun\\n");
}`,
  );
  return program;
}

function sealed(body: string): string {
  return `${sha256Hex(body)}\n${body}\n`;
}
