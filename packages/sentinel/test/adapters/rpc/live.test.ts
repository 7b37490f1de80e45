/** A source at real nodes: what Sentinel finds when they are cut apart, stopped, set wrong, or have much to show. */
import { litecoinRegtest } from "@dgb-shield/chain";
import { connect, disconnect, hasLitecoind, type RegtestNode } from "@dgb-shield/testkit/litecoind";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { NodeSource } from "../../../src/adapters/rpc/index.js";
import { createSentinel, type Observation, parseable } from "../../support/live.js";
import { Site } from "../../support/site.js";

let site: Site;
beforeEach(() => {
  site = new Site();
});
afterEach(() => site.end());

/** A source of a node, and the Sentinel that it feeds. */
function watch(node: RegtestNode, options: Parameters<Site["source"]>[2] = {}) {
  const source = site.source("a", node, options);
  const sentinel = createSentinel({ node_id: "a", chain: litecoinRegtest });
  return { source, sentinel, poll: () => pollWhole(source, sentinel) };
}

/** Polls until nothing more is waiting. */
async function pollWhole(source: NodeSource, sentinel: ReturnType<typeof createSentinel>) {
  const observations: Observation[] = [];
  for (;;) {
    const observation = parseable(await source.poll());
    observations.push(observation);
    const report = sentinel.observe(observation);
    if (observation.more !== true) return { report, observations, observation };
  }
}

describe.skipIf(!hasLitecoind())("a source at a real node", { timeout: 180_000 }, () => {
  it("shows new blocks, and five light calls where there is none", async () => {
    const node = await site.start();
    await site.mine(node, 3);
    const { source, poll } = watch(node);
    const first = await poll();
    expect(first.observation).toMatchObject({
      reachable: true,
      syncing: false,
      tip: { height: 3 },
      best_header_height: 3,
      chain: { network: "regtest", genesis_hash: litecoinRegtest.genesis?.hash },
      node: { software: expect.stringContaining("LitecoinCore:0.21.2") as string },
    });
    await site.mine(node, 5);
    const second = await poll();
    expect(second.observation.blocks.map(({ height }) => height)).toEqual([4, 5, 6, 7, 8]);
    expect(second.report.findings).toEqual([]);
    for (let i = 0; i < 20; i++) {
      const before = source.statistics();
      await site.pass(5);
      const { observation } = await poll();
      expect(observation).toMatchObject({ blocks: [], tip: { height: 8 } });
      const after = source.statistics();
      expect(after.calls - before.calls).toBeLessThanOrEqual(5);
      expect(after.requests - before.requests).toBe(1);
    }
  });

  it("finds a reorganisation when two sides meet, with its fork point and depth", async () => {
    const [a, b] = [await site.start(), await site.start()];
    await connect(a, b);
    await site.mine(a, 5);
    await connect(a, b);
    const { poll } = watch(a);
    await poll();
    await disconnect(a);
    await site.mine(a, 4);
    const cut = await poll();
    expect(cut.report.findings).toEqual([]);
    await site.mine(b, 6);
    await connect(a, b);
    const { report, observation } = await poll();
    expect(observation).toMatchObject({
      tip: { height: 11 },
      last_tip: { height: 9, status: "lost", fork_height: 5 },
    });
    expect(report.findings).toMatchObject([
      { detector: "reorg", evidence: { fork_height: 5, depth: 4, is_exact: true } },
    ]);
  });

  it("names a node that is down, that warms up, and one of another chain", async () => {
    const node = await site.start();
    await site.mine(node, 30);
    const { source, sentinel, poll } = watch(node);
    await poll();
    await node.end();
    const down = await poll();
    expect(down.observation).toMatchObject({ reachable: false, failure: { kind: "connection" } });
    expect(down.report.findings).toMatchObject([{ detector: "node_unreachable" }]);
    await node.start({ mockTimeS: site.nowS });
    const up = await poll();
    expect(up.observation).toMatchObject({ reachable: true, restarted: true, blocks: [] });
    expect(up.report).toMatchObject({ status: "WATCHING", findings: [] });
    expect(source.statistics().failures).toBeGreaterThan(0);
    const other = sentinel.observe({
      ...up.observation,
      chain: { network: "main" },
    });
    expect(other.findings).toMatchObject([{ detector: "wrong_chain" }]);
  });

  it("waits for a block", async () => {
    const node = await site.start();
    const { source } = watch(node);
    const waiting = source.wait(20_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await site.mine(node, 1);
    expect(await waiting).toBe(true);
  });
});
