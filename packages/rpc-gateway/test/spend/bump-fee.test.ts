/** What fee bumps pay, at a real node that allows replacements. */
import { hasLitecoind } from "@dgb-shield/testkit/litecoind";
import type { NodeRpc } from "@dgb-shield/chain/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FundedNode, startFundedNode, walletCall } from "../support/site.js";
import { litecoinRegtest } from "@dgb-shield/chain";
import { decodeTransaction } from "@dgb-shield/chain/decode";
import { readBump, txidOfContent } from "../../src/spend/transaction/index.js";
import { answering, clientOf, codeOf, COIN, contextOf } from "../support/transactions.js";

describe.skipIf(!hasLitecoind())("what a fee bump pays", () => {
  let node: FundedNode;
  let hot: NodeRpc;
  let [to, other]: string[] = [];
  beforeAll(async () => {
    node = await startFundedNode(["-mempoolreplacement=1"]);
    hot = clientOf(node, "hot");
    [to, other] = node.addresses;
  });
  afterAll(async () => {
    await hot.close();
    await node.remove();
  });
  const own = (method: string, ...params: unknown[]) => walletCall(node, "hot", method, params);

  const sent = async () =>
    String(await own("sendtoaddress", to, 1, "", "", false, true, 6, "unset", false));

  it("is the difference alone, in an unsigned version that shares an input", async () => {
    const txid = await sent();
    const before = (await own("gettransaction", txid)) as { fee: number; hex: string };
    const bump = await readBump(contextOf(hot), txid, { fee_rate: 300 });
    const earlierFee = BigInt(Math.round(-before.fee * 1e8));
    expect(bump).toMatchObject({
      ok: true,
      value: { outputs: [], earlierFee, replaces: [txid], transaction: null },
    });
    const { fee, newFee, psbt, content } = (bump as Extract<typeof bump, { ok: true }>).value;
    expect(fee).toBe(newFee - earlierFee);
    expect(fee).toBeGreaterThan(0n);
    const { psbt: signed } = (await own("walletprocesspsbt", psbt)) as { psbt: string };
    const { hex } = (await own("finalizepsbt", signed)) as { hex: string };
    const next = txidOfContent(litecoinRegtest, content, hex);
    expect(await node.rpc("sendrawtransaction", hex)).toBe(next);
    const mempool = (await node.rpc("getrawmempool")) as string[];
    expect([mempool.includes(txid), mempool.includes(next!)]).toEqual([false, true]);
  });

  it("is refused where the node does not build it", async () => {
    expect(await codeOf(readBump(contextOf(hot), "00".repeat(32), {}))).toBe("bump_unavailable");
    const txid = await sent();
    expect(await codeOf(readBump(contextOf(hot), txid, { fee_rate: 1 }))).toBe("bump_unavailable");
    expect(await codeOf(readBump(contextOf(hot, { maxFee: 100n }), txid, { fee_rate: 300 }))).toBe(
      "fee_too_high",
    );
  });

  it("is refused where the new version is another payment", async () => {
    const txid = await sent();
    const psbtOf = async (outputs: unknown, options: object = {}) =>
      ((await own("walletcreatefundedpsbt", [], outputs, 0, options)) as { psbt: string }).psbt;
    const earlier = (await node.rpc(
      "decoderawtransaction",
      ((await own("gettransaction", txid)) as { hex: string }).hex,
    )) as { vin: { txid: string; vout: number }[] };
    const building = (psbt: string) =>
      answering(hot, { psbtbumpfee: () => ({ ok: true, value: { psbt } }) });
    const bumped = async (psbt: string) => codeOf(readBump(contextOf(building(psbt)), txid, {}));
    expect(await bumped(await psbtOf([{ [to!]: 1 }]))).toBe("replacement_unrelated");
    const { txid: parent, vout } = earlier.vin[0]!;
    // a coin that is spent by an unconfirmed transaction cannot be chosen by the wallet: it is added by hand
    const byHand = async (outputs: unknown) =>
      String(await node.rpc("createpsbt", [{ txid: parent, vout, sequence: 0xfffffffd }], outputs));
    expect(await bumped(await byHand([{ [other!]: 1 }]))).toBe("replacement_changed");
    expect(await bumped(await byHand([{ [to!]: 1.00000001 }]))).toBe("replacement_changed");
    expect(await bumped(await byHand([{ [to!]: 1 }, { [other!]: 0.5 }]))).toBe(
      "replacement_changed",
    );
    const spentBy = (await own("gettransaction", parent)) as { hex: string };
    const worth = decodeTransaction(litecoinRegtest, spentBy.hex);
    const amount = worth.ok ? worth.value.outputs[vout]!.amount : 0n;
    const change = String(await own("getrawchangeaddress"));
    const rest = (fee: bigint) => ({ [change]: Number(amount - COIN - fee) / 1e8 });
    expect(await bumped(await byHand([{ [to!]: 1 }, rest(100n)]))).toBe("replacement_cheaper");
    expect(await bumped(await byHand([{ [to!]: 1 }, rest(90_000n)]))).toBe("ok");
  });
});
