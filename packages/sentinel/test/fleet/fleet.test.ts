import { digibyte, digibyteRegtest } from "@dgb-shield/chain";
import { sentinelReportSchema } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import {
  type BlockHeader,
  createFleet,
  type FleetReport,
  type Observation,
} from "../../src/index.js";
import { branchOf, chainTips, GROESTL, hashOf, observation } from "../support/chain.js";
import { nodeRecording } from "../support/node-recording.js";

const SOFTWARE = { a: "/DigiByte:7.17.3/", b: "/DigiByte:8.22.0/", c: "/DigiByte:8.22.0/" };
type Name = keyof typeof SOFTWARE;

/** What a node shows that has these blocks, so many seconds after the last one. */
const shows = (
  node_id: Name,
  blocks: BlockHeader[],
  seconds = 0,
  fields: Partial<Observation> = {},
): Observation => {
  const whole = observation(blocks, { node: { software: SOFTWARE[node_id] } });
  return { ...whole, node_id, at_ms: whole.at_ms + seconds * 1_000, ...fields };
};

const common = branchOf("a", 10_000_000, 10_000_020);
const ours = (to: number) => branchOf("a", 10_000_021, 10_000_020 + to);
const theirs = (to: number) => branchOf("b", 10_000_021, 10_000_020 + to, "a");

const start = (chain = digibyteRegtest, nodes: Name[] = ["a", "b", "c"]) => {
  const fleet = createFleet({ chain, nodes });
  fleet.observe(nodes.map((node_id) => shows(node_id, common)));
  return fleet;
};
const names = ({ findings }: FleetReport) => findings.map(({ detector }) => detector);
const one = (report: FleetReport, name: string) =>
  report.findings.find(({ detector }) => detector === name);

describe("a fleet on one branch", () => {
  it("finds nothing, whichever node is a block ahead", () => {
    const fleet = start();
    const report = fleet.observe([
      shows("a", ours(1)),
      shows("b", [common.at(-1)!], 30),
      shows("c", ours(2)),
    ]);
    expect(report).toMatchObject({ findings: [], level: "normal" });
    expect(report.branches).toMatchObject([
      { tip_height: 10_000_022, fork_height: null, nodes: { length: 3 } },
    ]);
    for (const each of report.reports) expect(sentinelReportSchema.parse(each)).toEqual(each);
    expect(fleet.needsTips()).toEqual([]);
  });

  it("names a node that stays behind, but not one that is catching up or was away", () => {
    const still = (fields: Partial<Observation> = {}) => {
      const fleet = start();
      let report: FleetReport | undefined;
      for (let n = 1; n <= 40; n++) {
        const last = shows("a", [common.at(-1)!], n * 15, fields);
        report = fleet.observe([last, shows("b", ours(n)), shows("c", ours(n))]);
      }
      return report!;
    };
    expect(one(still(), "node_behind")).toMatchObject({
      finding_id: "node_behind:a:10000020",
      evidence: { node_id: "a", software: SOFTWARE.a, missing: 40 },
    });
    expect(names(still({ restarted: true }))).not.toContain("node_behind");
    expect(names(still({ syncing: true }))).not.toContain("node_behind");
  });
});

describe("a fleet whose nodes part", () => {
  it("reports which node follows which branch, from where, and how long each is", () => {
    const fleet = start();
    const report = fleet.observe([shows("a", theirs(3)), shows("b", ours(5)), shows("c", ours(5))]);
    expect(one(report, "tip_divergence")).toMatchObject({
      severity: expect.closeTo(0.26, 1) as number,
      evidence: {
        fork_height: 10_000_020,
        main: { length: 5, nodes: [{ node_id: "b" }, { node_id: "c" }] },
        other: { length: 3, nodes: [{ node_id: "a", software: SOFTWARE.a }] },
      },
    });
    expect(report.branches).toMatchObject([
      { tip_hash: hashOf(10_000_025), fork_height: null },
      { tip_hash: hashOf(10_000_023, "b"), fork_height: 10_000_020 },
    ]);
    expect(fleet.needsTips()).toEqual(["b", "c", "a"]);
  });

  it("takes one stale block for ordinary, and one that lasts for none", () => {
    const fleet = start();
    const short = fleet.observe([shows("a", theirs(1)), shows("b", ours(1)), shows("c", ours(1))]);
    expect(names(short)).toEqual([]);
    const long = fleet.observe([
      shows("a", theirs(1), 400),
      shows("b", ours(1), 400),
      shows("c", ours(1), 400),
    ]);
    expect(names(long)).toContain("tip_divergence");
  });

  it("follows work where it is known, and not height", () => {
    const fleet = start();
    const work = (digit: string) => ({ chainwork: digit.repeat(64) });
    const report = fleet.observe([
      shows("a", theirs(3), 0, work("2")),
      shows("b", ours(5), 0, work("1")),
      shows("c", ours(5), 0, work("1")),
    ]);
    expect(report.branches[0]).toMatchObject({ tip_hash: hashOf(10_000_023, "b") });
  });

  it("is one again when they meet, and the reorganisation is the node's", () => {
    const fleet = start();
    fleet.observe([shows("a", theirs(4)), shows("b", ours(5)), shows("c", ours(5))]);
    const report = fleet.observe([shows("a", ours(6)), shows("b", ours(6)), shows("c", ours(6))]);
    expect(report.findings).toEqual([]);
    expect(report.branches).toHaveLength(1);
    expect(report.reports[0]?.findings).toMatchObject([{ detector: "reorg" }]);
  });

  it("are not taken for one because one of them falls silent", () => {
    const fleet = start();
    const parted = fleet.observe([shows("a", theirs(4)), shows("b", ours(5)), shows("c", ours(5))]);
    const silent = { reachable: false, tip: null, blocks: [] };
    const report = fleet.observe([
      shows("a", theirs(4), 60, silent),
      shows("b", ours(6)),
      shows("c", ours(6)),
    ]);
    expect(one(report, "tip_divergence")?.finding_id).toBe(
      one(parted, "tip_divergence")?.finding_id,
    );
    expect(report.branches).toMatchObject([
      { nodes: [{ is_watched: true }, { is_watched: true }] },
      { nodes: [{ node_id: "a", is_watched: false }] },
    ]);
  });

  it("goes on from a stored state: the split keeps its beginning", () => {
    const fleet = start();
    fleet.observe([shows("a", theirs(1)), shows("b", ours(1)), shows("c", ours(1))]);
    const state = JSON.parse(JSON.stringify(fleet.state())) as unknown;
    const again = createFleet({ chain: digibyteRegtest, nodes: ["a", "b", "c"], state });
    const late = [shows("a", theirs(1), 400), shows("b", ours(1), 400), shows("c", ours(1), 400)];
    expect(again.observe(late).findings).toEqual(fleet.observe(late).findings);
  });
});

describe("a fleet whose nodes differ on what is valid", () => {
  it("reports at once that a node calls another's block invalid", () => {
    const fleet = start();
    const bad = { hash: hashOf(10_000_021), height: 10_000_021, branchlen: 1 };
    const tips = chainTips(theirs(1).at(-1)!, { ...bad, status: "invalid" });
    const report = fleet.observe([
      shows("a", theirs(1), 0, { tips }),
      shows("b", ours(2)),
      shows("c", ours(2)),
    ]);
    expect(one(report, "rule_split")).toMatchObject({
      severity: 0.99,
      evidence: { cause: "invalid_block", differ_by_version: true, fork_height: 10_000_020 },
    });
    expect(one(report, "rule_split")?.summary).toContain(SOFTWARE.a);
  });

  it("holds what it has seen until the nodes follow one chain again", () => {
    const fleet = start();
    const retired = ours(1).map((block) => ({ ...block, version: GROESTL }));
    const given = [shows("a", theirs(1)), shows("b", retired), shows("c", retired)];
    const first = one(fleet.observe(given), "rule_split");
    for (const node_id of ["b", "c"]) {
      const order = { operator: "op", reason: "seen" };
      const { findings } = fleet.sentinel(node_id)!.state();
      for (const { finding_id } of findings) {
        fleet.sentinel(node_id)!.acknowledge(finding_id, order, given[0]!.at_ms);
      }
    }
    const later = fleet.observe([
      shows("a", [theirs(1).at(-1)!], 15),
      shows("b", [retired.at(-1)!], 15),
      shows("c", [retired.at(-1)!], 15),
    ]);
    expect(one(later, "rule_split")?.finding_id).toBe(first?.finding_id);
  });

  it("reports at once that one side has a block of a retired algorithm", () => {
    const fleet = start();
    const retired = ours(1).map((block) => ({ ...block, version: GROESTL }));
    const report = fleet.observe([shows("a", theirs(1)), shows("b", retired), shows("c", retired)]);
    expect(one(report, "rule_split")).toMatchObject({ evidence: { cause: "retired_algorithm" } });
  });

  it("infers it from versions that part as the branches do, once no honest split lasts so long", () => {
    const fleet = start();
    const at = (seconds: number) =>
      fleet.observe([
        shows("a", theirs(2), seconds),
        shows("b", ours(3), seconds - 15),
        shows("c", ours(3), seconds - 15),
      ]);
    expect(names(at(15))).not.toContain("rule_split");
    const found = at(700);
    expect(one(found, "rule_split")).toMatchObject({ evidence: { cause: "versions" } });
    expect(one(found, "node_outdated")).toMatchObject({
      ...{ finding_id: "node_outdated:a", severity: 0.25 },
      evidence: { version: "7.17.3", others: ["8.22.0"] },
    });
    const same = createFleet({ chain: digibyteRegtest, nodes: ["b", "c"] });
    same.observe([shows("b", common), shows("c", common)]);
    const apart = [shows("b", ours(3), 700), shows("c", theirs(2), 715)];
    same.observe([shows("b", ours(3)), shows("c", theirs(2))]);
    expect(names(same.observe(apart))).toEqual(["tip_divergence"]);
  });

  it("finds the split of two real nodes of DigiByte Core, of which one shows nothing by itself", () => {
    const fleet = createFleet({ chain: digibyteRegtest, nodes: ["a", "b"] });
    const found: { label: string; names: string[]; height: number }[] = [];
    for (const { label, set } of inStep(["a", "b"])) {
      const report = fleet.observe(set);
      found.push({ label, names: names(report), height: report.branches[0]?.tip_height ?? 0 });
    }
    const before = found.filter(({ label }) => label === "quiet" || label === "before");
    expect(before.flatMap((each) => each.names)).toEqual([]);
    const first = found.find((each) => each.names.includes("rule_split"));
    expect(first).toMatchObject({ label: "split" });
    expect(first!.height).toBeLessThanOrEqual(2_032);
    expect(found.some((each) => each.names.includes("tip_divergence"))).toBe(true);
  });
});

describe("a fleet whose nodes fall silent", () => {
  it("finds that several did within five minutes", () => {
    const fleet = start();
    const silent = { reachable: false, tip: null, blocks: [] };
    const report = fleet.observe([
      shows("a", ours(1), 0, silent),
      shows("b", ours(1), 60, silent),
      shows("c", ours(4)),
    ]);
    expect(one(report, "nodes_down_together")).toMatchObject({
      severity: expect.closeTo(0.47, 1) as number,
      evidence: { nodes: ["a", "b"] },
    });
  });
});

describe("createFleet", () => {
  it.each([[[]], [["a", "a"]], [[""]], ["a"], [null]])("refuses the nodes %j", (nodes) => {
    expect(() => createFleet({ chain: digibyte, nodes: nodes as never })).toThrow(/invalid_config/);
  });

  it("refuses a state that is none, or of another chain", () => {
    const options = { chain: digibyte, nodes: ["a"] };
    expect(() => createFleet({ ...options, state: {} })).toThrow(/invalid_state/);
    const state = start().state();
    expect(() => createFleet({ ...options, state })).toThrow(/state_of_another_node/);
  });

  it("reports what cannot be read as a finding of its node, and refuses what is of none", () => {
    const fleet = start();
    const report = fleet.observe([{ node_id: "a", at_ms: "now" } as never]);
    expect(report.reports[0]).toMatchObject({
      status: "UNREACHABLE",
      findings: [{ detector: "observation_invalid" }],
    });
    expect(report.branches[0]?.nodes).toMatchObject([
      { node_id: "a", is_watched: false },
      { node_id: "b", is_watched: true },
      { node_id: "c", is_watched: true },
    ]);
    for (const given of [{}, null, { node_id: "d" }]) {
      expect(() => fleet.observe([given as never])).toThrow(RangeError);
    }
  });
});

/** The observations of recorded nodes in the order of their times: each set has those of one moment. */
function inStep(nodes: readonly string[]): { label: string; set: Observation[] }[] {
  const all = nodes.flatMap((node_id) =>
    nodeRecording(`digibyte-core-8.22-regtest-split-${node_id}`, node_id),
  );
  const times = [...new Set(all.map(({ observation }) => observation.at_ms))].sort((a, b) => a - b);
  return times.map((at_ms) => {
    const now = all.filter(({ observation }) => observation.at_ms === at_ms);
    return { label: now[0]!.label, set: now.map(({ observation }) => observation) };
  });
}
