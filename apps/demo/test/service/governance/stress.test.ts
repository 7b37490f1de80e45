/** Governance under stress: processes that end, lost keys, other configurations, hand-written files. */
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createSqliteLedger } from "@dgb-shield/wallet-guardian/sqlite";
import { parsePolicy } from "@dgb-shield/wallet-guardian";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addGovernance } from "../../../src/cli/governance/add-governance.js";
import { addKeyCommands } from "../../../src/cli/keys/add-key-commands.js";
import { createBodyFiles } from "../../../src/service/governance/bodies.js";
import type { Effects } from "../../../src/service/governance/effects.js";
import { governedIn } from "../../../src/service/governance/governed-config.js";
import { createGovernance } from "../../../src/service/governance/index.js";
import { createSteadyClock } from "../../../src/service/governance/steady-clock.js";
import { createGovernanceStore } from "../../../src/service/governance/store.js";
import { readKeyFile } from "../../../src/service/keys/key-file.js";
import type { Service } from "../../../src/service/service.js";
import {
  actorOf,
  type GovernedDeployment,
  governedDeployment,
  RULES,
} from "../../support/governed.js";
import { addByHand } from "../../support/governed-http.js";
import { runInProcess } from "../../support/in-process.js";
import { RECORDING } from "../../support/http-service.js";
import { until, WALLET } from "../../support/service.js";

const HOUR_MS = 3_600_000;
let governed: GovernedDeployment;
let service: Service | undefined;
beforeEach(async () => {
  governed = await governedDeployment();
  service = await governed.start();
});
afterEach(async () => {
  await service?.close();
  service = undefined;
  governed.remove();
});
const by = (name: string) => actorOf(governed.keys[name]!);
const stop = async (): Promise<void> => {
  await service?.close();
  service = undefined;
};
const looser = () => parsePolicy({ ...governed.deployment.config.guardian, max_per_tx: "2000" });
const tighter = () => parsePolicy({ ...governed.deployment.config.guardian, max_per_tx: "10" });

describe("a configuration", () => {
  it("that is tighter is accepted at the start, and the one before is refused from then on", async () => {
    await stop();
    service = await governed.start({ guardian: tighter() });
    await stop();
    await expect(governed.start()).rejects.toThrow(/max_per_tx: "10" → "1000" \(loosens\)/);
  });

  /** Proposes the looser one and approves it; its delay runs. */
  async function approveLooser(): Promise<string> {
    const other = { ...governed.deployment.config, guardian: looser() };
    const { governed: parts, digest } = governedIn(other);
    const change = { kind: "configuration", governed: parts } as const;
    const made = await service!.propose(change, "more room", by("ann"));
    expect(made).toMatchObject({ change: { kind: "configuration", digest } });
    expect(JSON.stringify(made)).toContain("/guardian/max_per_tx");
    const id = (made as { proposal_id: string }).proposal_id;
    for (const name of ["bob", "cleo"]) {
      await service!.vote(id, { vote: "approve", reason: null }, by(name));
    }
    return digest;
  }
  const executed = async (): Promise<void> => {
    governed.pass(HOUR_MS);
    await until(
      () => Promise.resolve(service!.proposals()[0]?.status),
      (status) => status === "executed",
    );
    await stop();
  };

  it("that was granted and not started with in its time is refused", async () => {
    await approveLooser();
    await executed();
    governed.pass(RULES.proposal_valid_seconds * 1_000);
    await expect(governed.start({ guardian: looser() })).rejects.toThrow(/loosens/);
  });

  it("that is looser starts once a proposal for exactly its digest was carried out", async () => {
    const digest = await approveLooser();
    await stop();
    await expect(governed.start({ guardian: looser() })).rejects.toThrow(/loosens/);
    service = await governed.start();
    await executed();
    // Another one than was approved is refused as before.
    const more = parsePolicy({ ...looser(), max_24h: "900000" });
    await expect(governed.start({ guardian: more })).rejects.toThrow(/loosens/);
    service = await governed.start({ guardian: looser() });
    expect(service.governance()?.configuration).toBe(digest);
    await stop();
    // It was granted once: back to the tighter one, and not forth again.
    service = await governed.start();
    await stop();
    await expect(governed.start({ guardian: looser() })).rejects.toThrow(/loosens/);
  });
});

describe("the file of keys", () => {
  it("adds none by hand, and takes away for good", async () => {
    const { keys_file } = governed.deployment.config;
    const [added] = await addByHand(keys_file, "eve");
    const keys = readKeyFile(keys_file);
    const cleo = keys.find(({ name }) => name === "cleo")!;
    const write = (change: object) =>
      writeFileSync(
        keys_file,
        JSON.stringify({
          keys_version: 1,
          keys: keys.map((key) => (key.id === cleo.id ? { ...key, ...change } : key)),
        }),
      );
    const counts = (id: string) => service!.governedKeys()!.find((key) => key.id === id);
    write({ revoked_at_ms: Date.now() });
    await until(
      () => Promise.resolve(counts(cleo.id)?.revoked_at_ms ?? null),
      (at) => at !== null,
    );
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    write({ revoked_at_ms: null });
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(counts(cleo.id)?.revoked_at_ms).not.toBeNull();
    expect(counts(added!.key.id)).toBeUndefined();
    write({ role: "operator", wallets: null, name: "bob" });
    await until(
      () => Promise.resolve(counts(cleo.id)),
      (key) => key === undefined,
    );
  });
});

describe("what governs", () => {
  it("that is gone, or of another time, keeps the service from starting", async () => {
    await stop();
    const folder = join(governed.deployment.config.data_dir, "governance");
    for (const name of readdirSync(folder)) rmSync(join(folder, name));
    await expect(governed.start()).rejects.toThrow(/missing, damaged or of another time/);
  });

  it("is recovered on the host when keys are lost, and named from then on", async () => {
    const { config } = governed.deployment;
    const file = join(config.data_dir, "shield.yaml");
    writeFileSync(
      file,
      [
        ...[
          "config_version: 1",
          "deployment_id: test",
          "operator: site",
          "chain: digibyte_regtest",
        ],
        ...[`data_dir: ${config.data_dir}`, "mode: enforce", "unknown_network: elevated"],
        ...[`recording: {file: ${RECORDING}, speed: 1}`, "poll_ms: 1000"],
        ...["guardian: {max_per_tx: '1000', max_24h: '100000', claim: explicit}"],
        `governance: {approvals: 2, proposal_valid_seconds: ${RULES.proposal_valid_seconds}}`,
      ].join("\n"),
    );
    const keys = (...args: string[]) =>
      runInProcess(addKeyCommands, ["keys", ...args, "--config", file]);
    const recover = () =>
      runInProcess(addGovernance, [
        ...["governance", "recover", "--config", file, "--operator", "ann"],
        ...["--reason", "the office burnt"],
      ]);
    expect(await recover()).toMatchObject({ code: 4, stderr: expect.stringMatching(/stop it/) });
    await stop();
    const add = ["add", "--role", "operator", "--name", "gil"];
    expect(await keys(...add)).toMatchObject({
      ...{ code: 2, stderr: expect.stringMatching(/shield propose key-add/) },
    });
    const id = (name: string) => governed.keys[name]!.id;
    expect((await keys("revoke", id("dora"))).code).toBe(0);
    expect(await keys("revoke", id("cleo"))).toMatchObject({
      ...{ code: 2, stderr: expect.stringMatching(/2 would govern/) },
    });
    expect((await keys(...add, "--recovery")).code).toBe(0);
    expect(await recover()).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/4 keys|keys/),
    });
    const { loadConfig } = await import("../../../src/service/config/load.js");
    const read = loadConfig({ file, env: {}, flags: [], cwd: config.data_dir });
    if (!read.ok) throw new Error(JSON.stringify(read.issues));
    service = await governed.start(read.config);
    expect(service.governance()).toMatchObject({
      ...{ governors: 4, recovered: { operator: "ann", reason: "the office burnt" } },
    });
    const { checks } = await service.readiness();
    expect(checks.find(({ name }) => name === "governance")?.detail).toMatch(/RECOVERED/);
    expect(governed.deployment.logged.join()).toMatch(/GOVERNANCE WAS RECOVERED/);
  });
});

describe("a process that ends while it carries a change out", () => {
  it("leaves it to the next one, which carries it out once, and ends it where it cannot know", async () => {
    await stop();
    const { data_dir, ledger: where } = governed.deployment.config;
    const ledger = createSqliteLedger({ path: (where as { path: string }).path });
    const bodies = createBodyFiles(join(data_dir, "governance"));
    const store = createGovernanceStore({ ledger, bodies, data_dir, clock: Date.now });
    const carried: boolean[] = [];
    const run = async (carryOut: Effects["carryOut"]) =>
      createGovernance({
        ...{
          store,
          state: (await store.load())!,
          newId: () => `p-${carried.length}-${Math.random()}`,
        },
        fileKeys: () => new Map(Object.values(governed.keys).map((key) => [key.id, key])),
        clock: createSteadyClock(Date.now, () => performance.now()),
        effects: {
          clock: () => Promise.resolve({ status: "trusted" as const, step_ms: 0 }),
          bind: () => Promise.resolve("0".repeat(64)),
          isClockTrusted: () => Promise.resolve(true),
          carryOut,
        },
        ...{
          isActive: () => true,
          isShared: false,
          changed: () => undefined,
          log: () => undefined,
        },
      });
    const dying = await run(() => new Promise(() => undefined));
    const made = await dying.propose({ kind: "accept_clock" }, "a drill", by("ann"));
    const { proposal_id } = made as { proposal_id: string };
    await dying.vote(proposal_id, { vote: "approve", reason: null }, by("bob"));
    // It never ends: the change hangs while it is carried out.
    void dying.vote(proposal_id, { vote: "approve", reason: null }, by("cleo"));
    await until(
      async () => (await store.load())?.proposals.at(-1)?.status,
      (status) => status === "executing",
    );
    const next = await run((_, __, { resumed }) => {
      carried.push(resumed);
      return Promise.resolve({ result: "done", code: "done", text: "done" });
    });
    await next.round();
    await next.round();
    expect(carried).toEqual([true]);
    expect(next.proposal(proposal_id)).toMatchObject({ status: "executed" });
    await next.close();
    await ledger.close();
  });

  it("or cannot note that it was carried out, tries again as one that may have been", async () => {
    await stop();
    const { data_dir, ledger: where } = governed.deployment.config;
    const ledger = createSqliteLedger({ path: (where as { path: string }).path });
    const bodies = createBodyFiles(join(data_dir, "governance"));
    const store = createGovernanceStore({ ledger, bodies, data_dir, clock: Date.now });
    const resumed: boolean[] = [];
    const disk = { fails: false };
    const governance = createGovernance({
      store: {
        ...store,
        commit: (change) =>
          disk.fails ? Promise.reject(new Error("the disk failed")) : store.commit(change),
      },
      ...{ state: (await store.load())!, newId: () => "p-0123456789ab" },
      fileKeys: () => new Map(Object.values(governed.keys).map((key) => [key.id, key])),
      clock: createSteadyClock(Date.now, () => performance.now()),
      effects: {
        clock: () => Promise.resolve({ status: "trusted" as const, step_ms: 0 }),
        bind: () => Promise.resolve("0".repeat(64)),
        isClockTrusted: () => Promise.resolve(true),
        carryOut(_, __, order) {
          resumed.push(order.resumed);
          // Busy at first, then carried out; the first note of it fails.
          const result = resumed.length === 1 ? "again" : "done";
          disk.fails = resumed.length === 2;
          return Promise.resolve({ result, code: result, text: "" });
        },
      },
      ...{ isActive: () => true, isShared: false },
      ...{ changed: () => undefined, log: () => undefined },
    });
    const made = await governance.propose({ kind: "accept_clock" }, "a drill", by("ann"));
    const { proposal_id } = made as { proposal_id: string };
    for (const name of ["bob", "cleo"]) {
      await governance.vote(proposal_id, { vote: "approve", reason: null }, by(name));
    }
    await until(
      () => Promise.resolve(resumed.length),
      (count) => count >= 2,
    );
    disk.fails = false;
    await until(
      () => Promise.resolve(governance.proposal(proposal_id)?.status),
      (status) => status === "executed",
    );
    expect(resumed).toEqual([false, false, true]);
    await governance.close();
    await ledger.close();
  });

  it("between its two writes loses nothing: what was not recorded does not hold", async () => {
    const { data_dir, ledger: where } = governed.deployment.config;
    const ledger = createSqliteLedger({ path: (where as { path: string }).path });
    const bodies = createBodyFiles(join(data_dir, "governance"));
    const parts = { bodies, data_dir, clock: Date.now };
    const store = createGovernanceStore({ ...parts, ledger });
    const before = (await store.load())!;
    const dead = createGovernanceStore({
      ...parts,
      ledger: { ...ledger, transact: () => Promise.reject(new Error("killed")) },
    });
    const after = { ...before, number: before.number + 1 };
    await expect(dead.commit({ before, after, records: [{ action: "x" }] })).rejects.toThrow();
    expect(await store.load()).toEqual(before);
    // Of two that change the same state one is first.
    const both = await Promise.all(
      [1, 2].map((n) =>
        store.commit({ before, after: { ...after, time_ms: n }, records: [{ action: `n${n}` }] }),
      ),
    );
    expect(both.toSorted()).toEqual([false, true]);
    await ledger.close();
    expect(existsSync(join(data_dir, "governance.latched"))).toBe(true);
  });
});

describe("without governance", () => {
  it("the service says so at its start and in its readiness, and one key suffices", async () => {
    const plain = await governedDeployment({ governance: null });
    const open = await plain.start();
    try {
      expect(plain.deployment.logged.join()).toMatch(/changes are NOT governed/);
      const { checks } = await open.readiness();
      expect(checks.find(({ name }) => name === "governance")?.detail).toMatch(/NOT governed/);
      const ann = actorOf(plain.keys["ann"]!);
      await open.freeze("wallet", WALLET, "a drill", ann);
      expect(await open.propose({ kind: "accept_clock" }, "x", ann)).toMatchObject({
        refused: "not_governed",
      });
      expect(await open.acceptClock("compared", ann)).toMatchObject({ accepted: true });
    } finally {
      await open.close();
      plain.remove();
    }
  });
});
