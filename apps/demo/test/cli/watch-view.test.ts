import { litecoinRegtest } from "@dgb-shield/chain";
import { createFleet, type FleetReport, type Observation } from "@dgb-shield/sentinel";
import { describe, expect, it } from "vitest";
import { createChanges } from "../../src/cli/watch-changes.js";
import { createWatchView } from "../../src/cli/watch-view.js";

const HOSTILE = "/x:1/\u001b[2J\u009b31m\r\nnormal: all is well\u202e\u2028";

/** What a node shows whose every text is hostile. */
const observed = (fields: Partial<Observation> = {}): Observation => {
  const tip = {
    ...{ hash: "1".repeat(64), previous_hash: "0".repeat(64), height: 1 },
    ...{ version: 1, time_s: 1_800_000_000 },
  };
  return {
    ...{ node_id: "a", at_ms: 1_800_000_000_000, syncing: false, reachable: true, tip },
    ...{ blocks: [tip], tips: [], mempool: null },
    node: { software: HOSTILE },
    warnings: [`unknown new rules ${HOSTILE}`],
    ...fields,
  };
};

function shown(report: FleetReport, isTTY: boolean): string {
  let text = "";
  const stdout = { isTTY, write: (more: string) => (text += more) };
  const changes = createChanges();
  const changed = changes.take(report);
  createWatchView(stdout, (_, plain) => plain).show(report, changed, changes.latest());
  return text;
}

/** Reports of one node, a minute apart, each with another height. */
function reportsOf(heights: readonly number[]): FleetReport[] {
  const fleet = createFleet({ chain: litecoinRegtest, nodes: ["a"] });
  return heights.map((height, i) => {
    const at_ms = 1_800_000_000_000 + i * 60_000;
    const tip = {
      ...observed().tip!,
      height,
      hash: String(height).repeat(64),
      time_s: at_ms / 1_000,
    };
    const { node_id, syncing, reachable, tips, mempool } = observed();
    const shown = { node_id, syncing, reachable, tips, mempool };
    return fleet.observe([{ ...shown, at_ms, tip, blocks: [tip] }]);
  });
}

describe("what changed since the last look", () => {
  it("is a line for each block in a pipe, and no news in a terminal", () => {
    const changes = createChanges();
    const taken = reportsOf([1, 2, 2]).map((report) => changes.take(report));
    expect(
      taken.map((some) => some.map(({ kind }) => kind).filter((kind) => kind === "tip")),
    ).toEqual([["tip"], ["tip"], []]);
    expect(changes.latest().some(({ kind }) => kind === "tip")).toBe(false);
  });

  it("goes on from a stored state without saying again what was said", () => {
    const [first, second] = reportsOf([1, 1]) as [FleetReport, FleetReport];
    const before = createChanges();
    expect(before.take(first).length).toBeGreaterThan(0);
    const state = JSON.parse(JSON.stringify(before.state())) as ReturnType<typeof before.state>;
    expect(createChanges(state).take(second)).toEqual([]);
  });

  it("is summed up where nothing changes for ten minutes", () => {
    let text = "";
    const view = createWatchView({ write: (more) => (text += more) }, (_, plain) => plain);
    const [report] = reportsOf([7]) as [FleetReport];
    const quiet = { ...report, reports: [], findings: [], level: "normal" as const };
    for (let minute = 0; minute <= 21; minute++) {
      const observed_at_ms = report.observed_at_ms + minute * 60_000;
      view.show({ ...quiet, observed_at_ms }, [], []);
    }
    const lines = text
      .split("\n")
      .slice(0, -1)
      .map((line) => line.slice(20));
    expect(lines).toEqual([
      "watching: 1 node, tip 7, normal",
      "no change for 10 min: 1 node, tip 7, normal",
      "no change for 10 min: 1 node, tip 7, normal",
    ]);
  });
});

describe("what shield watch prints", () => {
  it.each([true, false])("has no control character of a node in it (terminal: %j)", (isTTY) => {
    const fleet = createFleet({ chain: litecoinRegtest, nodes: ["a"] });
    const report = fleet.observe([observed()]);
    expect(report.reports[0]?.findings.length).toBeGreaterThan(0);
    const text = shown(report, isTTY).replace("\u001b[H\u001b[2J", "");
    expect(text).toContain("/x:1/");
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/u);
    expect(text.split("\n")).not.toContain("normal: all is well");
  });

  it.each([true, false])("names a node that is silent (terminal: %j)", (isTTY) => {
    const fleet = createFleet({ chain: litecoinRegtest, nodes: ["a"] });
    fleet.observe([observed()]);
    const silent = { reachable: false, tip: null, blocks: [], at_ms: 1_800_000_060_000 };
    const text = shown(fleet.observe([observed(silent)]), isTTY);
    expect(text).toMatch(isTTY ? /a .*1 .*does not answer/ : /a: UNREACHABLE/);
  });
});
