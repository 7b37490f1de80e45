/** Transactions that claim to replace another one and share no input with it: both could be mined, so none reaches the node. */
import { hasLitecoind } from "@dgb-shield/testkit/litecoind";
import { hanging, where, withResults } from "@dgb-shield/testkit/rpc-faults";
import { type RpcProxy, startRpcProxy } from "@dgb-shield/testkit/rpc-proxy";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  call,
  type FundedNode,
  startFundedNode,
  startSite,
  type TestSite,
  walletCall,
} from "../support/site.js";
import { built, type Built } from "../support/transactions.js";

type Coin = { txid: string; vout: number; amount: number };

describe.skipIf(!hasLitecoind())("a replacement that shares no input", () => {
  let node: FundedNode;
  let faulty: RpcProxy;
  let site: TestSite;
  let to = "";
  beforeAll(async () => {
    node = await startFundedNode(["-mempoolreplacement=1"]);
    [to = ""] = node.addresses;
    faulty = await startRpcProxy({ url: `${node.url}/wallet/hot`, cookieFile: node.cookieFile });
  });
  afterAll(async () => {
    await faulty.close();
    await node.remove();
  });
  beforeEach(async () => {
    const limits = { node_timeout_ms: 1_500 };
    site = await startSite({ ...node, url: faulty.url }, { config: { limits } });
  });
  afterEach(async () => {
    faulty.use();
    await site.close();
  });

  /** Two transactions that pay the same, each out of a coin of its own; the second one pays more for its size. */
  async function twoVersions(): Promise<[Built, Built]> {
    const coins = (await walletCall(node, "hot", "listunspent", [])) as Coin[];
    const [one, other] = coins.filter(({ amount }) => amount > 5) as [Coin, Coin];
    const of = ({ txid, vout }: Coin, fee_rate: number) =>
      built(node, [{ [to]: 1 }], {
        ...{ inputs: [{ txid, vout }], add_inputs: false, replaceable: true, fee_rate },
      });
    return [await of(one, 10), await of(other, 50)];
  }
  const send = (hex: string, id: string) =>
    call(site, "hot", "sendrawtransaction", [hex], { "shield-payment-id": id });
  const mempool = async () => (await node.rpc("getrawmempool")) as string[];
  const codeOf = ({ json }: Awaited<ReturnType<typeof send>>) => json.error.data.code;

  it("does not reach the node after the first version was sent", async () => {
    const [first, second] = await twoVersions();
    expect((await send(first.hex, "sent")).json.result).toBe(first.txid);
    expect(codeOf(await send(second.hex, "sent"))).toBe("payment_made");
    expect(site.proxy.sent()).not.toContain(second.hex);
    expect(await mempool()).not.toContain(second.txid);
  });

  it("does not reach the node while the first version's outcome is unclear, nor once that is found", async () => {
    const [first, second] = await twoVersions();
    faulty.use(
      where(({ calls }) => calls.some(({ method }) => method === "sendrawtransaction"), hanging),
    );
    expect(codeOf(await send(first.hex, "unclear"))).toBe("outcome_unclear");
    faulty.use();
    expect(codeOf(await send(second.hex, "unclear"))).toBe("payment_unsettled");
    // It was on its way all the time.
    await node.rpc("sendrawtransaction", first.hex);
    expect(codeOf(await send(second.hex, "unclear"))).toBe("payment_made");
    expect(site.hook.reservations).toMatchObject([{ state: "committed", txid: first.txid }]);
    expect(site.proxy.sent()).not.toContain(second.hex);
    expect(await mempool()).not.toContain(second.txid);
  });

  it("does not reach the node as the fee bump that the node itself built", async () => {
    const [first] = await twoVersions();
    expect((await send(first.hex, "bumped")).json.result).toBe(first.txid);
    const { psbt } = (await walletCall(node, "hot", "walletcreatefundedpsbt", [
      [],
      [{ [to]: 1 }],
    ])) as { psbt: string };
    const before = await mempool();
    faulty.use(
      where(
        ({ calls }) => calls.some(({ method }) => method === "psbtbumpfee"),
        withResults((result, { method }) => (method === "psbtbumpfee" ? { psbt } : result)),
      ),
    );
    site.proxy.clear();
    const answer = await call(site, "hot", "bumpfee", [first.txid]);
    expect(codeOf(answer)).toBe("replacement_unrelated");
    expect(site.proxy.sent()).not.toContain("walletprocesspsbt");
    expect(site.proxy.sent()).not.toContain("sendrawtransaction");
    expect(await mempool()).toEqual(before);
  });
});
