/**
 * Packages of transactions through a gateway. The node is Litecoin Core but for `submitpackage`, which it lacks: a stand-in answers that
 * method by `sendrawtransaction` at the real node.
 */
import { hasLitecoind } from "@dgb-shield/testkit/litecoind";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type PackageNode, startPackageNode } from "../support/package-node.js";
import {
  call,
  type FundedNode,
  startFundedNode,
  startSite,
  type TestSite,
  walletCall,
} from "../support/site.js";
import { built, COIN } from "../support/transactions.js";

describe.skipIf(!hasLitecoind())("a package through the gateway", () => {
  let node: FundedNode;
  let standIn: PackageNode;
  let site: TestSite;
  beforeAll(async () => {
    node = await startFundedNode();
    standIn = await startPackageNode(node);
  });
  afterAll(async () => {
    await standIn.close();
    await node.remove();
  });
  beforeEach(async () => {
    standIn.use("honest");
    site = await startSite({ ...node, url: standIn.url });
  });
  afterEach(() => site.close());

  const own = (method: string, ...params: unknown[]) => walletCall(node, "hot", method, params);
  const mempool = async () => (await node.rpc("getrawmempool")) as string[];
  const codeOf = (answer: Awaited<ReturnType<typeof call>>) => answer.json.error.data.code;
  const submit = (list: unknown, headers: Record<string, string> = {}) =>
    call(site, "hot", "submitpackage", [list], headers);

  /** A parent that pays 1 coin and keeps 2, which the child pays on, less its fee. */
  async function family(to: string, other: string) {
    const mine = String(await own("getnewaddress"));
    const parent = await built(node, [{ [to]: 1 }, { [mine]: 2 }]);
    const { vout } = (await node.rpc("decoderawtransaction", parent.hex)) as {
      vout: { n: number; value: number; scriptPubKey: { hex: string } }[];
    };
    const spent = vout.find(({ value }) => value === 2)!;
    const input = { txid: parent.txid, vout: spent.n };
    const previous = [{ ...input, scriptPubKey: spent.scriptPubKey.hex, amount: 2 }];
    const childTo = async (address: string, locktime = 0) => {
      const raw = await node.rpc("createrawtransaction", [input], [{ [address]: 1.999 }], locktime);
      const signed = await own("signrawtransactionwithwallet", raw, previous);
      const { hex } = signed as { hex: string };
      const { txid } = (await node.rpc("decoderawtransaction", hex)) as { txid: string };
      return { hex, txid };
    };
    const child = await childTo(other);
    return { parent, child, childTo, list: [parent.hex, child.hex] };
  }

  it("is one payment of what leaves by all its transactions, sent as it is", async () => {
    const [to = "", other = ""] = node.addresses;
    const { parent, child, list } = await family(to, other);
    const answer = await submit(list);
    expect(answer.json.result.package_msg).toBe("success");
    expect(await mempool()).toEqual(expect.arrayContaining([parent.txid, child.txid]));
    expect(site.hook.reservations).toMatchObject([
      {
        state: "committed",
        txid: child.txid,
        spend: {
          method: "submitpackage",
          payouts: [
            { address: to, amount: COIN },
            { address: other, amount: 199_900_000n },
          ],
          transaction: child.hex,
        },
      },
    ]);
    expect((await submit(list)).json.error).toBeNull();
    expect(site.hook.reservations).toHaveLength(1);
  });

  it("counts what a parent pays a stranger although the child spends it: a node may take the parent alone", async () => {
    const [to = ""] = node.addresses;
    const mine = String(await own("getnewaddress"));
    const parent = await built(node, [{ [to]: 3 }]);
    const { vout } = (await node.rpc("decoderawtransaction", parent.hex)) as {
      vout: { n: number; value: number; scriptPubKey: { hex: string } }[];
    };
    const spent = vout.find(({ value }) => value === 3)!;
    const input = { txid: parent.txid, vout: spent.n };
    const raw = await node.rpc("createrawtransaction", [input], [{ [mine]: 2.999 }]);
    const previous = [{ ...input, scriptPubKey: spent.scriptPubKey.hex, amount: 3 }];
    const signed = await walletCall(node, "outside", "signrawtransactionwithwallet", [
      raw,
      previous,
    ]);
    site.hook.limit = COIN;
    const answer = await submit([parent.hex, (signed as { hex: string }).hex]);
    expect(codeOf(answer)).toBe("limit");
    expect(await mempool()).not.toContain(parent.txid);
    expect(site.proxy.sent()).not.toContain("submitpackage");
  });

  it("is counted where the node took a part of it, and may be sent again", async () => {
    standIn.use("child_refused");
    const { parent, child, list } = await family(node.addresses[2]!, node.addresses[3]!);
    const answer = await submit(list);
    expect(answer.json.result.package_msg).toBe("transaction failed");
    expect(site.hook.reservations).toMatchObject([{ state: "committed", txid: parent.txid }]);
    standIn.use("honest");
    expect((await submit(list)).status).toBe(200);
    expect(await mempool()).toContain(child.txid);
    expect(site.hook.reservations).toHaveLength(1);
  });

  it("has no second child for one identity, though the node took its parent alone", async () => {
    standIn.use("child_refused");
    const [to = "", other = ""] = node.addresses.slice(2);
    const headers = { "shield-payment-id": "family" };
    const { parent, childTo, list } = await family(to, other);
    expect((await submit(list, headers)).status).toBe(200);
    expect(site.hook.reservations).toMatchObject([{ state: "committed", txid: parent.txid }]);
    standIn.use("honest");
    const second = await childTo(other, 1);
    expect(codeOf(await submit([parent.hex, second.hex], headers))).toBe("payment_made");
    expect(await mempool()).not.toContain(second.txid);
  });

  it("is released where the node took none of it, with the node's own answer", async () => {
    standIn.use("error");
    const { list } = await family(node.addresses[4]!, node.addresses[5]!);
    expect((await submit(list)).json.error).toMatchObject({ code: -25 });
    expect(site.hook.reservations).toMatchObject([{ state: "released" }]);
  });

  it("is found by its child where the answer is lost", async () => {
    standIn.use("broken");
    const { child, list } = await family(node.addresses[6]!, node.addresses[7]!);
    expect(codeOf(await submit(list))).toBe("outcome_unclear");
    standIn.use("honest");
    await site.gateway.settle();
    expect(site.hook.reservations).toMatchObject([{ state: "committed", txid: child.txid }]);
  });

  it("is not released by a restart of the node where its parents may have been taken alone", async () => {
    standIn.use("broken_in_parts");
    const { list } = await family(node.addresses[8]!, node.addresses[9]!);
    expect(codeOf(await submit(list))).toBe("outcome_unclear");
    await node.end("SIGKILL");
    await site.gateway.settle();
    await node.start();
    await site.gateway.settle();
    await node.rpc("generatetoaddress", 1, node.addresses[0]);
    await site.gateway.settle();
    expect(site.hook.reservations).toMatchObject([{ state: "unclear" }]);
  });

  it.each<[string, (list: string[]) => unknown, string]>([
    ["no list", ([hex]) => hex, "parameter_invalid"],
    ["what is no text", (list) => [...list, 7], "parameter_invalid"],
    ["nothing", () => [], "package_shape"],
    ["its child first", (list) => list.toReversed(), "package_shape"],
    ["a transaction twice", ([a, b]) => [a, a, b], "package_shape"],
    ["what cannot be read", ([a, b]) => [a, `${b}00`], "malformed"],
    ["DigiDollar", ([a, b = ""]) => [a, `70070002${b.slice(8)}`], "asset_unknown"],
    ["a child without its parent", ([, b]) => [b], "input_unresolved"],
  ])("is refused with %s", async (_, listOf, code) => {
    const { list } = await family(node.addresses[10]!, node.addresses[11]!);
    expect(codeOf(await submit(listOf(list)))).toBe(code);
    expect(site.hook.reservations).toEqual([]);
    expect(site.proxy.sent()).not.toContain("submitpackage");
  });
});
