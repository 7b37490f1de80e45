/** A fleet of real nodes: cut apart, of different opinions, and one again. */
import { litecoinRegtest } from "@dgb-shield/chain";
import { connect, disconnect, hasLitecoind, type RegtestNode } from "@dgb-shield/testkit/litecoind";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFleet, type FleetReport } from "../../src/index.js";
import { Site } from "../support/site.js";

const NODES = ["a", "b"] as const;

let site: Site;
beforeEach(() => {
  site = new Site();
});
afterEach(() => site.end());

/** Two connected nodes with a few blocks, and the fleet that watches them. */
async function twoNodes() {
  const a = await site.start();
  const b = await site.start();
  await connect(a, b);
  await site.mine(a, 3);
  await connect(a, b);
  const sources = [site.source("a", a), site.source("b", b)];
  const fleet = createFleet({ chain: litecoinRegtest, nodes: NODES });
  /** One round: a poll of each, and the lists of tips where they are apart. */
  async function round(): Promise<FleetReport> {
    const report = fleet.observe(await Promise.all(sources.map((one) => one.poll())));
    if (fleet.needsTips().length === 0) return report;
    return fleet.observe(await Promise.all(sources.map((one) => one.poll({ tips: true }))));
  }
  await round();
  return { a, b, round };
}

const names = ({ findings }: FleetReport) => findings.map(({ detector }) => detector);
const ofNode = ({ reports }: FleetReport, node_id: string) =>
  reports
    .filter((one) => one.node_id === node_id)
    .flatMap(({ findings }) => findings.map(({ detector }) => detector));

describe.skipIf(!hasLitecoind())("a fleet of real nodes", { timeout: 180_000 }, () => {
  it("shows who follows which branch while they are cut apart, then the reorganisation", async () => {
    const { a, b, round } = await twoNodes();
    await disconnect(a);
    await site.mine(a, 3);
    await site.mine(b, 6);
    const apart = await round();
    expect(names(apart)).toEqual(["tip_divergence"]);
    expect(apart.branches).toMatchObject([
      { tip_height: 9, fork_height: null, nodes: [{ node_id: "b" }] },
      { tip_height: 6, fork_height: 3, nodes: [{ node_id: "a" }] },
    ]);
    expect(apart.branches[0]!.nodes[0]!.software).toContain("LitecoinCore");
    await connect(a, b);
    const met = await round();
    expect(met.findings).toEqual([]);
    expect(met.branches).toMatchObject([{ tip_height: 9, nodes: { length: 2 } }]);
    const [first] = met.reports;
    expect(first!.findings).toMatchObject([
      { detector: "reorg", evidence: { fork_height: 3, depth: 3, is_exact: true } },
    ]);
  });

  it("finds a split that began before it did", async () => {
    const { a, b } = await twoNodes();
    await disconnect(a);
    await site.mine(a, 2);
    await site.mine(b, 6);
    const sources = [site.source("a", a), site.source("b", b)];
    const fleet = createFleet({ chain: litecoinRegtest, nodes: NODES });
    const { branches } = fleet.observe(await Promise.all(sources.map((one) => one.poll())));
    expect(branches).toMatchObject([
      { tip_height: 9, fork_height: null },
      { tip_height: 5, fork_height: 3 },
    ]);
  });

  it("names a block that one node calls invalid within one poll, until it is reconsidered", async () => {
    const { a, b, round } = await twoNodes();
    await site.mine(b, 1);
    await connect(a, b);
    expect(names(await round())).toEqual([]);
    const bad = await tipOf(b);
    await a.rpc("invalidateblock", bad);
    await site.mine(b, 2);
    await site.mine(a, 1);
    const split = await round();
    expect(names(split)).toContain("rule_split");
    expect(split.findings.find(({ detector }) => detector === "rule_split")).toMatchObject({
      severity: 0.99,
      evidence: { cause: "invalid_block", differ_by_version: false, fork_height: 3 },
    });
    // By itself the node shows it once an operator's own order would have been taken back.
    await site.pass(4 * litecoinRegtest.spacing_seconds);
    const later = await round();
    expect(ofNode(later, "a")).toContain("rival_chain");
    expect(ofNode(later, "b")).not.toContain("rival_chain");
    await a.rpc("reconsiderblock", bad);
    await site.mine(b, 1); // which a hears of
    await connect(a, b);
    expect(names(await round())).toEqual([]);
  });
});

const tipOf = (node: RegtestNode): Promise<unknown> => node.rpc("getbestblockhash");
