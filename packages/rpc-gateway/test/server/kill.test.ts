/** Kills the node in the middle of payments: no payment is made twice, and none that was acknowledged is lost. */
import { setTimeout as sleep } from "node:timers/promises";
import { hasLitecoind } from "@dgb-shield/testkit/litecoind";
import { runs } from "@dgb-shield/testkit/runs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  call,
  type FundedNode,
  startFundedNode,
  startSite,
  type TestSite,
  walletCall,
} from "../support/site.js";

const PAYMENTS = 6;

describe.skipIf(!hasLitecoind())("a node that is killed", () => {
  let node: FundedNode;
  let site: TestSite;
  beforeAll(async () => {
    node = await startFundedNode();
    site = await startSite(node);
  });
  afterAll(async () => {
    await site.close();
    await node.remove();
  });

  /** Pays until it is acknowledged, as a client that repeats after each failure. */
  async function payUntilAcknowledged(id: string, index: number): Promise<string> {
    const to = node.addresses[index % node.addresses.length];
    const [method, params]: [string, unknown] =
      index % 3 === 2 ? ["send", [{ [to!]: 0.001 }]] : ["sendtoaddress", [to, 0.001]];
    for (;;) {
      const answer = await call(site, "hot", method, params, { "shield-payment-id": id });
      if (answer.status === 200) {
        const { result } = answer.json as { result: string | { txid: string } };
        return typeof result === "string" ? result : result.txid;
      }
      expect(answer.json.error.code, answer.text).toBeOneOf([-32_012, -32_013, -18, -28]);
      await sleep(40);
    }
  }

  it(
    "makes each payment exactly once",
    async () => {
      const acknowledged = new Map<string, string>();
      for (let round = 0; round < runs(5, 200); round++) {
        const paying = Promise.all(
          Array.from({ length: PAYMENTS }, async (_, i) => {
            const id = `k-${round}-${i}`;
            acknowledged.set(id, await payUntilAcknowledged(id, i));
          }),
        );
        // What fails meanwhile fails the test below.
        paying.catch(() => undefined);
        await sleep((round * 37) % 150);
        await node.end("SIGKILL");
        await node.start();
        // Coins for the next round, and blocks by which released payments are certain.
        await node.rpc("generatetoaddress", 1, node.addresses[0]);
        await node.rpc("gettxoutsetinfo");
        await paying;
      }
      const all = (await walletCall(node, "hot", "listtransactions", ["*", 100_000])) as {
        category: string;
        txid: string;
        comment?: string;
      }[];
      const sent = all.filter(({ category }) => category === "send");
      for (const [id, txid] of acknowledged) {
        const mine = sent.filter((one) => one.txid === txid);
        expect([id, mine.length]).toEqual([id, 1]);
      }
      // Payments that no client made would be here as well.
      expect(new Set(sent.map(({ txid }) => txid))).toEqual(new Set(acknowledged.values()));
      expect(acknowledged.size).toBe(PAYMENTS * runs(5, 200));
      const states = site.hook.reservations.map(({ state }) => state);
      expect(states.filter((state) => state === "committed")).toHaveLength(acknowledged.size);
      expect(states.filter((state) => state === "reserved" || state === "unclear")).toEqual([]);
      console.log(
        `kill -9 rounds: ${runs(5, 200)}, payments ${acknowledged.size}, released and repeated ${states.filter((state) => state === "released").length}`,
      );
    },
    runs(120_000, 3_600_000),
  );
});
