/**
 * A watcher of a real node that is ended and started from its state in the middle of what happens: it loses no finding,
 * and raises none by itself.
 */
import { litecoinRegtest } from "@dgb-shield/chain";
import { connect, disconnect, hasLitecoind, type RegtestNode } from "@dgb-shield/testkit/litecoind";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Site } from "../../support/site.js";
import { Watcher } from "../../support/watcher.js";

const HOUR_S = 3_600;

let site: Site;
let node: RegtestNode;
beforeEach(async () => {
  site = new Site();
  node = await site.start();
  await site.mine(node, 20);
});
afterEach(() => site.end());

async function watch(): Promise<Watcher> {
  const watcher = new Watcher(site, node);
  expect(await watcher.look()).toMatchObject({ found: [], report: { status: "WATCHING" } });
  return watcher;
}

const upTo = (height: number) => Array.from({ length: height + 1 }, (_, i) => i);

describe.skipIf(!hasLitecoind())("a watcher that is started again", { timeout: 120_000 }, () => {
  it("finds a stall no later, keeps it, and ends it with the next block", async () => {
    const watcher = await watch();
    const undisturbed = await watcher.secondsUntil("block_stall");
    await site.mine(node, 1);
    expect(await watcher.look()).toMatchObject({ found: [] });
    for (let seconds = 0; seconds < undisturbed / 2; seconds += 60) await watcher.look(60);
    await watcher.restart();
    const rest = await watcher.secondsUntil("block_stall");
    expect(Math.ceil(undisturbed / 120) * 60 + rest).toBeLessThanOrEqual(undisturbed + 60);
    await watcher.restart();
    expect(await watcher.look()).toMatchObject({ found: ["block_stall"] });
    await site.mine(node, 1);
    expect(await watcher.look()).toMatchObject({ found: [] });
  });

  it("was away for ten hours in which blocks came, and finds no stall at its first answer", async () => {
    const watcher = await watch();
    await watcher.restart(9 * HOUR_S);
    await site.mine(node, 24);
    expect(await watcher.look()).toMatchObject({ found: [], report: { status: "WATCHING" } });
    expect(watcher.heights).toEqual(upTo(44));
  });

  it("keeps the silence of a node that is down, and finds nothing when that is back", async () => {
    const watcher = await watch();
    await node.end();
    const [first] = (await watcher.look()).report.findings;
    await watcher.restart();
    const [second] = (await watcher.look(600)).report.findings;
    expect(first).toMatchObject({ detector: "node_unreachable" });
    expect(second?.finding_id).toBe(first?.finding_id);
    expect(second?.severity).toBeGreaterThanOrEqual(first?.severity ?? 1);
    await node.start({ mockTimeS: site.nowS });
    await watcher.restart();
    expect(await watcher.look()).toMatchObject({ found: [], observation: { reachable: true } });
    await node.rpc("loadwallet", "w");
    await site.mine(node, 2);
    expect(await watcher.look()).toMatchObject({ found: [], report: { status: "WATCHING" } });
    expect(watcher.heights).toEqual(upTo(22));
  });

  it("reads a gap of 3,000 blocks in parts that stand on one another", async () => {
    const watcher = await watch();
    const address = await node.rpc("getnewaddress");
    await site.pass(3_000 * litecoinRegtest.spacing_seconds);
    await node.rpc("generatetoaddress", 3_000, address);
    const parts = [];
    for (let isMore = true; isMore;) {
      const { observation, found, report } = await watcher.look(0);
      parts.push(observation.blocks.length);
      isMore = observation.more === true;
      expect(found).toEqual([]);
      expect(report.status).toBe("WATCHING");
      if (parts.length < 3) await watcher.restart();
    }
    expect(parts).toEqual([1_000, 1_000, 1_000]);
    expect(watcher.heights).toEqual(upTo(3_020));
  });

  it("finds a reorganisation that happened while it was away", async () => {
    const other = await site.start();
    await connect(node, other);
    await site.mine(node, 1);
    await connect(node, other);
    const watcher = await watch();
    await disconnect(node);
    await site.mine(node, 4);
    await watcher.look();
    await site.mine(other, 6);
    await connect(node, other);
    await watcher.restart(60);
    const { report, observation } = await watcher.look();
    expect(observation).toMatchObject({ last_tip: { status: "lost", fork_height: 21 } });
    expect(report.findings).toMatchObject([{ detector: "reorg", evidence: { depth: 4 } }]);
    await watcher.restart();
    expect(await watcher.look()).toMatchObject({ found: ["reorg"] });
  });

  it("shows blocks that were taken back, and those that come instead", async () => {
    const watcher = await watch();
    const bad = await node.rpc("getblockhash", 17);
    await node.rpc("invalidateblock", bad);
    const back = await watcher.look();
    expect(back.observation).toMatchObject({
      ...{ reachable: true, tip: { height: 16 }, blocks: [] },
      last_tip: { height: 20, status: "lost", fork_height: 16 },
    });
    expect(back.found).toEqual(["reorg"]);
    await watcher.restart();
    await site.mine(node, 2);
    expect((await watcher.look()).observation.blocks.map(({ height }) => height)).toEqual([17, 18]);
    await node.rpc("reconsiderblock", bad);
    expect(await watcher.look()).toMatchObject({ observation: { tip: { height: 20 } } });
  });
});

describe.skipIf(!hasLitecoind())("a clock that steps", { timeout: 120_000 }, () => {
  it.each([
    ["ahead", HOUR_S],
    ["back", -HOUR_S],
  ])("by an hour %s in the watcher is a finding, and hides no stall", async (_, seconds) => {
    const watcher = await watch();
    await site.mine(node, 1);
    await watcher.look();
    watcher.clockOffS = seconds;
    expect(await watcher.look()).toMatchObject({ found: ["clock_untrusted"] });
    expect(await watcher.secondsUntil("block_stall", HOUR_S)).toBeLessThan(HOUR_S);
    watcher.clockOffS = 0;
    await site.mine(node, 1);
    expect((await watcher.look()).found).not.toContain("block_stall");
  });

  it.each([
    ["ahead", HOUR_S],
    ["back", -HOUR_S],
  ])(
    "by an hour %s in the node is no restart, no stall and no reorganisation",
    async (_, seconds) => {
      const watcher = await watch();
      await watcher.look(HOUR_S / 4);
      await site.mine(node, 1);
      await watcher.look();
      for (let times = 0; times < 6; times++) {
        await node.rpc("setmocktime", site.nowS + seconds);
        const { observation, found } = await watcher.lookAsIs();
        expect(observation.restarted).toBeUndefined();
        expect(found).toEqual([]);
        site.nowS += 60;
      }
    },
  );
});
