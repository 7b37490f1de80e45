import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasSqlite } from "@dgb-shield/vitest-config/sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Entry } from "../../src/timeline/entries.js";
import { entriesOf, outcomesOf, shield, start, summaryOf } from "../support/shield.js";

const folder = mkdtempSync(join(tmpdir(), "shield-demo-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const played = new Map<string, Entry[]>();
beforeAll(async () => {
  const run = await shield("demo", "--once", "--json", "--data", folder);
  expect(run).toMatchObject({ code: 0 });
  for (const entry of entriesOf(run)) {
    if (entry.type === "scenario") played.set(entry.scenario.name, []);
    [...played.values()].at(-1)?.push(entry);
  }
}, 300_000);

const entries = (scenario: string): Entry[] => played.get(scenario) ?? [];

function exportedEvents(scenario: string): { action: string }[] {
  const text = readFileSync(join(folder, scenario, "events.jsonl"), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { action: string });
}

/** Findings of a scenario, each with the phase in which it was found. */
function findingsByPhase(scenario: string): string[] {
  let phase = "";
  return entries(scenario).flatMap((entry) => {
    if (entry.type === "phase") phase = entry.label;
    return entry.type === "finding" ? [`${phase} ${entry.finding.detector}`] : [];
  });
}

describe("shield demo, GW-SIM-001", () => {
  it("gives the Guardian's decisions of the scenario", () => {
    const outcomes = outcomesOf(entries("gw-sim-001"));
    expect(outcomes.map(({ amount, record }) => [amount, record.guardian.decision])).toEqual([
      ["3000", "ALLOW"],
      ["4000", "DELAY"],
      ["5000", "FREEZE"], // 3,000 + 4,000 + 5,000 is over the day's 10,000
      ["2500", "REJECT"],
      ["1000", "REJECT"],
    ]);
    expect(outcomes.map(({ record }) => record.inputs.guardian_risk)).toEqual([
      "LOW",
      "LOW",
      "MEDIUM",
      "HIGH",
      "HIGH",
    ]);
    expect(outcomes.map(({ record }) => record.final)).toEqual([
      "ALLOW",
      "REFUSED",
      "REFUSED",
      "REFUSED",
      "REFUSED",
    ]);
    expect(outcomes[4]?.record.guardian.reason_codes).toContain("frozen_persistent_attempts");
  });

  it("exports the persistent attempts", () => {
    expect(exportedEvents("gw-sim-001").map(({ action }) => action)).toContain(
      "frozen_persistent_attempts",
    );
  });
});

describe("shield demo, dgb-regtest", () => {
  it("raises nothing in the baseline, and finds stall, reorganisation and retired algorithm", () => {
    expect(findingsByPhase("dgb-regtest")).toEqual([
      "mempool-flood mempool_surge",
      "stall block_stall",
      "reorg reorg",
      "groestl retired_algorithm",
    ]);
  });

  it("refuses from the first retired block until the release, and allows before and after", () => {
    expectNothingAllowedBetweenFindingAndRelease("dgb-regtest");
  });

  it("locks the node down and releases it", () => {
    const lockdowns = entries("dgb-regtest").flatMap((entry) =>
      entry.type === "defense" ? [entry.state.lockdown] : [],
    );
    expect(lockdowns).toContain("FULL");
    expect(lockdowns.at(-1)).toBe("NONE");
  });
});

describe("shield demo, groestl-2026", () => {
  it("finds the first Groestl block at that block, on the site's own node", () => {
    const found = entries("groestl-2026").find(
      (entry) => entry.type === "finding" && entry.finding.detector === "retired_algorithm",
    );
    expect(found).toMatchObject({
      at_ms: Date.UTC(2026, 5, 28, 16, 40, 5),
      node_id: "exchange-node",
      finding: { height: 23_751_096 },
    });
  });

  it("allows nothing from that block until the operators release it, and allows before and after", () => {
    expectNothingAllowedBetweenFindingAndRelease("groestl-2026");
  });

  it("reports that the explorer follows another chain, within two minutes of the split", () => {
    const splits = entries("groestl-2026").filter((entry) => entry.type === "chain_split");
    expect(splits).toHaveLength(1);
    expect(splits[0]).toMatchObject({
      split: {
        nodes: ["exchange-node", "explorer-node"],
        status: "split",
        fork_height: 23_751_095,
      },
    });
    expect(splits[0]!.at_ms - Date.UTC(2026, 5, 28, 16, 40, 5)).toBeLessThanOrEqual(120_000);
  });

  it("shows the network critical once a second site reports, and is labelled a reconstruction", () => {
    expect(summaryOf(entries("groestl-2026"))).toMatchObject({
      origin: "reconstruction",
      worst_advisory: "CRITICAL_GLOBAL",
      worst_lockdown: "FULL",
    });
  });
});

describe("shield demo", () => {
  it("ends each scenario with a summary that adds up", () => {
    for (const name of ["gw-sim-001", "dgb-regtest", "groestl-2026"]) {
      const outcomes = outcomesOf(entries(name));
      const summary = summaryOf(entries(name));
      expect(summary.withdrawals).toBe(outcomes.length);
      expect(summary.allowed).toBe(
        outcomes.filter(({ record }) => record.final === "ALLOW").length,
      );
      expect(summary.events_exported).toBe(exportedEvents(name).length);
      expect(summary.events_dropped).toBe(0);
      expect(summary.ledger).toBe(hasSqlite ? "sqlite" : "memory");
    }
  });

  it("gives a data folder to one demo at a time, and takes it from one that was killed", async () => {
    const data = join(folder, "shared");
    const { child, ended } = start([
      "demo",
      "dgb-regtest",
      "--once",
      "--json",
      "--speed",
      "60",
      "--data",
      data,
    ]);
    await once(child.stdout!, "data");
    const second = await shield("demo", "dgb-regtest", "--once", "--data", data);
    expect([second.code, second.stdout]).toEqual([4, ""]);
    expect(second.stderr).toMatch(/^shield: another demo uses .+\n$/);
    child.kill("SIGKILL");
    await ended;
    expect(await shield("demo", "gw-sim-001", "--once", "--data", data)).toMatchObject({ code: 0 });
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "ends in good order at %s, though it arrives twice, and leaves no temporary folder",
    async (signal) => {
      const temporary = join(folder, `temporary-${signal}`);
      mkdirSync(temporary);
      const args = ["demo", "dgb-regtest", "--once", "--json", "--speed", "60"];
      const { child, ended } = start(args, { TMPDIR: temporary });
      await once(child.stdout!, "data");
      child.kill(signal);
      child.kill(signal);
      expect(await ended).toMatchObject({ code: 130, stderr: expect.stringContaining("stopped.") });
      expect(readdirSync(temporary)).toEqual([]);
    },
  );

  it("ends quietly when the reader of its output has seen enough", async () => {
    const { child, ended } = start(["demo", "--once", "--json"]);
    await once(child.stdout!, "data");
    child.stdout!.destroy();
    expect(await ended).toMatchObject({ code: 0, stderr: "" });
  });

  it.skipIf(!hasSqlite)(
    "recalls every decision when it is played again on the same folder",
    async () => {
      const again = entriesOf(
        await shield("demo", "gw-sim-001", "--once", "--json", "--data", folder),
      );
      expect(summaryOf(again)).toMatchObject({ withdrawals: 5, recalled: 5, allowed: 1 });
      expect(outcomesOf(again).map(({ record }) => record)).toEqual(
        outcomesOf(entries("gw-sim-001")).map(({ record }) => record),
      );
    },
  );

  it("prints the scenario's origin and every decision as text", async () => {
    const { stdout, code } = await shield("demo", "gw-sim-001", "--once");
    expect(code).toBe(0);
    expect(stdout).toContain("SIMULATION");
    expect(stdout.match(/gw-sim-\d {2}/g)).toHaveLength(5);
    expect(stdout).not.toContain("\u001b");
  });
});

function expectNothingAllowedBetweenFindingAndRelease(scenario: string): void {
  const told = entries(scenario);
  const isRetired = (entry: Entry) =>
    entry.type === "finding" && entry.finding.detector === "retired_algorithm";
  const found = told.findIndex(isRetired);
  const released = told.findLastIndex((entry) => entry.type === "order");
  expect(found).toBeGreaterThan(0);
  expect(released).toBeGreaterThan(found);
  const allowed = (part: Entry[]) =>
    outcomesOf(part).filter(({ record }) => record.final === "ALLOW").length;
  expect(allowed(told.slice(0, found))).toBeGreaterThan(0);
  expect(outcomesOf(told.slice(found, released)).length).toBeGreaterThan(10);
  expect(allowed(told.slice(found, released))).toBe(0);
  expect(allowed(told.slice(released))).toBeGreaterThan(0);
}
