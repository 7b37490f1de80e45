/** A fleet of real nodes: cut apart, of different opinions, and one again. */
import { litecoinRegtest } from "@dgb-shield/chain";
import { connect, disconnect, hasLitecoind, type RegtestNode } from "@dgb-shield/testkit/litecoind";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFleet, type FleetReport } from "../../src/index.js";
import { coinsOf, signedPayment, Site } from "../support/site.js";

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
  it("shows who follows which branch while they are cut apart, then what was undone", async () => {
    const { a, b, round } = await twoNodes();
    await site.mine(a, 103);
    await connect(a, b);
    await round();
    const [coin] = await coinsOf(a);
    const paid = await signedPayment(a, coin!, await b.rpc("getnewaddress"));
    const back = await signedPayment(a, coin!, await a.rpc("getnewaddress"), 0.002);
    await disconnect(a);
    const lost_txid = await a.rpc("sendrawtransaction", paid);
    const new_txid = await b.rpc("sendrawtransaction", back);
    await site.mine(a, 2);
    await site.mine(b, 6);
    const apart = await round();
    expect(names(apart)).toEqual(["tip_divergence"]);
    expect(apart.branches).toMatchObject([
      { tip_height: 112, fork_height: null, nodes: [{ node_id: "b" }] },
      { tip_height: 108, fork_height: 106, nodes: [{ node_id: "a" }] },
    ]);
    expect(apart.branches[0]!.nodes[0]!.software).toContain("LitecoinCore");
    await connect(a, b);
    const met = await round();
    expect(met.findings).toEqual([]);
    expect(met.branches).toMatchObject([{ tip_height: 112, nodes: { length: 2 } }]);
    const [ofA, ofB] = met.reports;
    expect(ofB!.findings.filter(({ severity }) => severity > 0)).toEqual([]);
    const found = ofA!.findings.find(({ detector }) => detector === "double_spend");
    expect(found).toMatchObject({
      severity: 0.59,
      evidence: {
        ...{ kind: "staged", outpoint: `${coin!.txid}:${coin!.vout}`, lost_txid, new_txid },
        ...{ confirmations: 2, fork_height: 106, new_height: 107, withdrawn: 4_999_900_000 },
      },
    });
  });

  it("names the transactions that a reorganisation of three blocks undid", async () => {
    const { a, b, round } = await twoNodes();
    await site.mine(a, 103);
    await connect(a, b);
    await round();
    const [first, second, third] = await coinsOf(a);
    const [shop, owner] = [await b.rpc("getnewaddress"), await a.rpc("getnewaddress")];
    const paid = await signedPayment(a, first!, shop);
    const back = await signedPayment(a, first!, owner, 0.002);
    const lost = await signedPayment(a, second!, shop);
    const both = await signedPayment(a, third!, shop);
    await disconnect(a);
    const lost_txid = await a.rpc("sendrawtransaction", paid);
    for (const node of [a, b]) await node.rpc("sendrawtransaction", both);
    await site.mine(a, 1);
    const waiting = await a.rpc("sendrawtransaction", lost);
    await site.mine(a, 2);
    await round();
    const new_txid = await b.rpc("sendrawtransaction", back);
    await site.mine(b, 6);
    await connect(a, b);
    const [ofA] = (await round()).reports;
    const found = ofA!.findings.map(({ detector, severity, evidence }) => ({
      ...{ detector, severity, evidence },
    }));
    expect(found).toContainEqual(
      expect.objectContaining({
        ...{ detector: "double_spend", severity: 0.99 },
        evidence: expect.objectContaining({
          ...{ kind: "payment", confirmations: 3, lost_txid, new_txid, until_ms: null },
        }) as object,
      }),
    );
    expect(found).toContainEqual(
      expect.objectContaining({
        detector: "reorg",
        evidence: expect.objectContaining({
          ...{ fork_height: 106, depth: 3, is_exact: true },
          dropped: { count: 2, txids: [lost_txid, waiting], is_complete: true },
        }) as object,
      }),
    );
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
    const begun = await round();
    expect(names(begun)).toEqual(["rule_split"]);
    expect(begun.findings[0]).toMatchObject({
      severity: 0.99,
      evidence: { cause: "invalid_block", differ_by_version: false, fork_height: 3 },
    });
    await site.mine(b, 1);
    const longer = await round();
    expect(names(longer)).toContain("rule_split");
    expect(ofNode(longer, "a")).toContain("rival_chain");
    expect(ofNode(longer, "b")).not.toContain("rival_chain");
    await a.rpc("reconsiderblock", bad);
    await site.mine(b, 1); // which a hears of
    await connect(a, b);
    const again = await round();
    expect(names(again)).toEqual([]);
    expect(ofNode(again, "a")).not.toContain("rival_chain");
  });

  it("shows by the node itself what it refuses, once its own chain goes on for four spacings", async () => {
    const { a, b, round } = await twoNodes();
    await site.mine(b, 1);
    await connect(a, b);
    await round();
    const bad = await tipOf(b);
    await a.rpc("invalidateblock", bad);
    await site.mine(b, 3);
    await site.mine(a, 2);
    const split = await round();
    expect(names(split)).toContain("rule_split");
    expect(ofNode(split, "a")).not.toContain("rival_chain");
    await site.pass(4 * litecoinRegtest.spacing_seconds);
    expect(ofNode(await round(), "a")).toContain("rival_chain");
  });
});

const tipOf = (node: RegtestNode): Promise<unknown> => node.rpc("getbestblockhash");
