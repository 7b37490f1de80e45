/** Nonces that were really used twice: mined on a real node, and in blocks of the form that newer nodes give. */
import { litecoinRegtest } from "@dgb-shield/chain";
import { hasLitecoind, type RegtestNode } from "@dgb-shield/testkit/litecoind";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createSentinel } from "../../../src/index.js";
import { ecdsaSignature, publicKey, spendOf } from "../../support/spending.js";
import { Site } from "../../support/site.js";

let site: Site;
beforeEach(() => {
  site = new Site();
});
afterEach(() => site.end());

const [ALICE, BOB] = [0x1234_5678n, 0x8765_4321n];
const NONCE = 99n ** 9n;

/** The address that pays a key's hash. */
async function addressOf(node: RegtestNode, secret: bigint): Promise<string> {
  const given = `pkh(${publicKey(secret)})`;
  const { descriptor } = (await node.rpc("getdescriptorinfo", given)) as { descriptor: string };
  const [address] = (await node.rpc("deriveaddresses", descriptor)) as [string];
  return address;
}

/** Pays coins to a key and mines them; each is an outpoint. */
async function fund(node: RegtestNode, secret: bigint, count: number) {
  const address = await addressOf(node, secret);
  const coins = [];
  for (let i = 0; i < count; i++) {
    const txid = (await node.rpc("sendtoaddress", address, 1)) as string;
    const raw = await node.rpc("getrawtransaction", txid, true);
    const { vout } = raw as {
      vout: { n: number; scriptPubKey: { hex: string; addresses: string[] } }[];
    };
    const own = vout.find(({ scriptPubKey }) => scriptPubKey.addresses.includes(address))!;
    coins.push({ txid, vout: own.n, script: own.scriptPubKey.hex });
  }
  await site.mine(node, 1);
  return coins;
}

describe.skipIf(!hasLitecoind())(
  "a source at a node with reused nonces",
  { timeout: 180_000 },
  () => {
    async function watched() {
      const node = await site.start();
      await site.mine(node, 110);
      const source = site.source("a", node);
      const sentinel = createSentinel({ node_id: "a", chain: litecoinRegtest });
      const poll = async () => sentinel.observe(await source.poll());
      await poll();
      return { node, poll };
    }

    /** Spends a coin with a nonce of one's choice. */
    async function spend(
      node: RegtestNode,
      coin: Readonly<{ txid: string; vout: number; script: string }>,
      by: Readonly<{ secret: bigint; nonce: bigint }>,
    ): Promise<string> {
      const to = { [String(await node.rpc("getnewaddress"))]: 0.999 };
      const unsigned = (await node.rpc("createrawtransaction", [coin], to)) as string;
      return (await node.rpc("sendrawtransaction", spendOf(unsigned, coin.script, by))) as string;
    }

    it("finds one nonce of one key in two transactions, and names both by r", async () => {
      const { node, poll } = await watched();
      const [first, second] = await fund(node, ALICE, 2);
      await spend(node, first!, { secret: ALICE, nonce: NONCE });
      await site.mine(node, 1);
      expect((await poll()).findings.filter(({ severity }) => severity > 0)).toEqual([]);
      await spend(node, second!, { secret: ALICE, nonce: NONCE });
      await site.mine(node, 1);
      const { findings, level } = await poll();
      expect(level).toBe("critical");
      const { r } = ecdsaSignature({ secret: ALICE, nonce: NONCE }, new Uint8Array(32).fill(1));
      expect(findings[0]).toMatchObject({
        detector: "nonce_reuse",
        severity: 0.99,
        evidence: { r, key: publicKey(ALICE) },
      });
    });

    it("finds one nonce of two keys, and nothing in honest ones or in a transaction that is mined again", async () => {
      const { node, poll } = await watched();
      const [a1, a2] = await fund(node, ALICE, 2);
      const [b1] = await fund(node, BOB, 1);
      await spend(node, a1!, { secret: ALICE, nonce: NONCE });
      await spend(node, a2!, { secret: ALICE, nonce: NONCE + 1n });
      await site.mine(node, 1);
      const quiet = async () =>
        (await poll()).findings.filter(({ detector }) => detector === "nonce_reuse");
      expect(await quiet()).toEqual([]);
      await node.rpc("invalidateblock", await node.rpc("getbestblockhash"));
      await site.mine(node, 2);
      expect(await quiet()).toEqual([]);
      await spend(node, b1!, { secret: BOB, nonce: NONCE });
      await site.mine(node, 1);
      expect(await quiet()).toMatchObject([{ severity: 0.6 }]);
    });
  },
);
