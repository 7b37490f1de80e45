/** Simulated hours of real nodes in their short form; the full one, of 24 hours, is `pnpm soak hours`. */
import { litecoinRegtest } from "@dgb-shield/chain";
import { hasLitecoind } from "@dgb-shield/testkit/litecoind";
import { type RpcProxy, startRpcProxy } from "@dgb-shield/testkit/rpc-proxy";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSentinel } from "../../src/index.js";
import { bytesPerPoll, type HeapReading, heapBytes } from "../support/heap.js";
import { LiveFleet } from "../support/live-fleet.js";
import { runHours } from "../support/live-hours.js";
import { Site } from "../support/site.js";

/** Far below what one observation that is kept for each poll would add. */
const MOST_BYTES_PER_POLL = 1_500;

let site: Site;
let proxy: RpcProxy | undefined;
beforeEach(() => {
  site = new Site();
});
afterEach(async () => {
  await site.end();
  await proxy?.close();
});

describe.skipIf(!hasLitecoind())("hours of real nodes", { timeout: 120_000 }, () => {
  it("give no finding while the nodes are honest", async () => {
    const fleet = await LiveFleet.start(site, 3);
    const { findings, blocks, polls, mostCalls } = await runHours(fleet, { seed: 5, hours: 0.25 });
    expect([...findings]).toEqual([]);
    expect([polls, blocks]).toEqual([60, expect.toSatisfy((count: number) => count > 2)]);
    // The list of tips is read each quarter of an hour.
    expect(mostCalls).toBeLessThanOrEqual(5 + 1);
  });

  it("show a split as soon as it cannot be an ordinary one any more", async () => {
    const fleet = await LiveFleet.start(site, 2);
    const { delays } = await runHours(fleet, { seed: 6, hours: 1.5, splitEachHours: 1.5 });
    expect(delays).toEqual([expect.toSatisfy((polls: number) => polls > 0 && polls <= 180)]);
  });

  it("cost five light calls a poll in one request at a time, and no memory", async () => {
    const node = await site.start();
    await site.mine(node, 5);
    proxy = await startRpcProxy(node);
    const source = site.source("a", node, { node: { url: proxy.url } });
    const sentinel = createSentinel({ node_id: "a", chain: litecoinRegtest });
    const heap: HeapReading[] = [];
    const polls = 600;
    for (let i = 1; i <= polls; i++) {
      site.nowS += 1;
      sentinel.observe(await source.poll());
      if (i % 50 === 0) heap.push({ polls: i, bytes: heapBytes() });
    }
    const requests = proxy.requests();
    // The first poll reads what is there already; after it nothing changes.
    const [, ...unchanged] = requests.filter((methods) => methods.includes("getblockchaininfo"));
    expect(unchanged).toHaveLength(polls - 1);
    for (const methods of unchanged) expect(methods.length).toBeLessThanOrEqual(5);
    expect(requests.flat().filter((method) => method === "getchaintips")).toHaveLength(1);
    expect(proxy.mostAtOnce()).toBe(1);
    expect(bytesPerPoll(heap)).toBeLessThan(MOST_BYTES_PER_POLL);
  });
});
