import { litecoinRegtest } from "@dgb-shield/chain";
import { createFleet, type FleetReport, type Observation } from "@dgb-shield/sentinel";
import { describe, expect, it } from "vitest";
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
  createWatchView(stdout, (_, plain) => plain).show(report);
  return text;
}

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
