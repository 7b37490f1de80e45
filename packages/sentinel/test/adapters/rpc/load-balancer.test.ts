/** A source at an address behind which several real nodes stand in turn. */
import { litecoinRegtest } from "@dgb-shield/chain";
import { connect, disconnect, hasLitecoind, type RegtestNode } from "@dgb-shield/testkit/litecoind";
import * as faults from "@dgb-shield/testkit/rpc-faults";
import { type RpcProxy, startRpcProxy } from "@dgb-shield/testkit/rpc-proxy";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSentinel, parseable } from "../../support/live.js";
import { Site } from "../../support/site.js";

let site: Site;
let proxy: RpcProxy;
beforeEach(() => {
  site = new Site();
});
afterEach(async () => {
  await proxy.close();
  await site.end();
});

/** A watcher of an address at which a node stands. */
async function watch(node: RegtestNode) {
  proxy = await startRpcProxy(node);
  const source = site.source("a", node, { node: { url: proxy.url }, peers_every_ms: 1_000 });
  const sentinel = createSentinel({ node_id: "a", chain: litecoinRegtest });
  async function look() {
    await site.pass(5);
    const observation = parseable(await source.poll());
    const report = sentinel.observe(observation);
    const { status, level } = report;
    const found = report.findings.map(({ detector }) => detector);
    return { observation, report, found, isNormal: status === "WATCHING" && level === "normal" };
  }
  expect((await look()).isNormal).toBe(true);
  return look;
}

/** Two nodes with five blocks in common. */
async function pair() {
  const [a, b] = [await site.start(), await site.start()];
  await connect(a, b);
  await site.mine(a, 5);
  await connect(a, b);
  return { a, b };
}

describe.skipIf(!hasLitecoind())("a source at a load balancer", { timeout: 60_000 }, () => {
  it("finds that it turned to a node on another branch, and that it turned back", async () => {
    const { a, b } = await pair();
    await disconnect(b);
    await site.mine(a, 4);
    await site.mine(b, 5);
    const look = await watch(a);
    proxy.use(faults.turning([b]));
    expect(await look()).toMatchObject({
      isNormal: false,
      observation: { reachable: true, tip: { height: 10 }, last_tip: { status: "unknown" } },
    });
    proxy.use();
    expect(await look()).toMatchObject({ isNormal: false, observation: { tip: { height: 9 } } });
  });

  it("finds that it turned to a node that is behind, and sees every block afterwards", async () => {
    const { a, b } = await pair();
    await disconnect(b);
    await site.mine(a, 2);
    const look = await watch(a);
    proxy.use(faults.turning([b]));
    expect(await look()).toMatchObject({ found: ["evidence_unavailable"] });
    proxy.use();
    await site.mine(a, 1);
    const { observation } = await look();
    expect(observation.blocks.map(({ height }) => height).at(-1)).toBe(8);
    expect(observation.tip).toMatchObject({ height: 8 });
  });

  it("shows an error where each request is answered by another node", async () => {
    const { a, b } = await pair();
    await disconnect(b);
    const look = await watch(a);
    await site.mine(a, 2);
    await site.mine(b, 3);
    proxy.use(faults.turning([a, b]));
    for (let times = 0; times < 4; times++) expect(await look()).toMatchObject({ isNormal: false });
    proxy.use();
    const { observation } = await look();
    expect(observation).toMatchObject({ reachable: true, tip: { height: 7 } });
  });

  it("takes nothing from a node with another first block, and loses none of its own", async () => {
    const a = await site.start();
    await site.mine(a, 5);
    const other = await site.start({ chain: "test", args: ["-connect=0"] });
    const look = await watch(a);
    // It states the same network, as all chains do whose network is "main".
    const disguised = faults.withResults((result, { method }) =>
      method === "getblockchaininfo"
        ? { ...(result as object), chain: "regtest", initialblockdownload: false }
        : result,
    );
    proxy.use((exchange) => disguised({ ...exchange, forward: () => exchange.forward(other) }));
    for (let times = 0; times < 2; times++) {
      expect(await look()).toMatchObject({ isNormal: false, found: ["wrong_chain"] });
    }
    const { findings } = createSentinel({ node_id: "b", chain: litecoinRegtest }).observe(
      await site.source("b", a, { node: { url: proxy.url } }).poll(),
    );
    expect(findings).toMatchObject([{ detector: "wrong_chain" }]);
    expect(findings[0]?.summary).toContain(litecoinRegtest.genesis?.hash);
    proxy.use();
    await site.mine(a, 2);
    expect(await look()).toMatchObject({
      isNormal: true,
      observation: { blocks: [{ height: 6 }, { height: 7 }], last_tip: { status: "active" } },
    });
  });

  it("states the version of the node that answers", async () => {
    const { a } = await pair();
    const look = await watch(a);
    const version = faults.withResults((result, { method }) =>
      method === "getnetworkinfo" ? { ...(result as object), subversion: "/other:1/" } : result,
    );
    proxy.use(faults.where(({ index }) => index % 4 < 2, version));
    const seen = new Set<string | undefined>();
    for (let times = 0; times < 8; times++) seen.add((await look()).observation.node?.software);
    expect([...seen].sort()).toEqual([
      expect.stringContaining("LitecoinCore"),
      expect.stringContaining("other"),
    ]);
  });
});
