/** PSBTs that a node must not see: reading them ends Core 0.21. */
import { litecoinRegtest } from "@dgb-shield/chain";
import { decodePsbt } from "@dgb-shield/chain/decode";
import { hasLitecoind } from "@dgb-shield/testkit/litecoind";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  call,
  type FundedNode,
  startFundedNode,
  startSite,
  type TestSite,
  walletCall,
} from "../support/site.js";

describe.skipIf(!hasLitecoind())("a PSBT that is read", () => {
  let node: FundedNode;
  let site: TestSite;
  let sound = "";
  let deadly = "";
  beforeAll(async () => {
    node = await startFundedNode();
    site = await startSite(node);
    const to = node.addresses[0]!;
    const outputs = [{ [to]: 1 }];
    const built = await walletCall(node, "hot", "walletcreatefundedpsbt", [[], outputs]);
    sound = (built as { psbt: string }).psbt;
    deadly = beyondOutputs(sound);
    expect(decodePsbt(litecoinRegtest, deadly)).toMatchObject({ code: "utxo_index" });
  });
  afterAll(async () => {
    await site.close();
    await node.remove();
  });

  /** The same, but its first input names an output that its previous transaction does not have. */
  function beyondOutputs(psbt: string): string {
    const bytes = Buffer.from(psbt, "base64");
    // Magic, key of the unsigned transaction, its length (below 253), version, number of inputs, txid: then the index.
    const at = 5 + 2 + 1 + 4 + 1 + 32;
    bytes.writeUInt32LE(1_000, at);
    return bytes.toString("base64");
  }
  const codeOf = async (method: string, params: unknown) =>
    (await call(site, "reader", method, params)).json.error.data.code;

  it.each<[string, (psbt: string) => unknown]>([
    ["decodepsbt", (psbt) => [psbt]],
    ["decodepsbt", (psbt) => ({ psbt })],
    ["decodepsbt", (psbt) => ({ args: [psbt] })],
    ["analyzepsbt", (psbt) => [psbt]],
    ["finalizepsbt", (psbt) => [psbt, false]],
    ["utxoupdatepsbt", (psbt) => [psbt, []]],
    ["combinepsbt", (psbt) => [[sound, psbt]]],
    ["combinepsbt", (psbt) => ({ txs: [sound, psbt] })],
    ["joinpsbts", (psbt) => [[sound, psbt]]],
  ])("reaches the node by %s only where the gateway reads it", async (method, paramsOf) => {
    site.proxy.clear();
    expect(await codeOf(method, paramsOf(deadly))).toBe("psbt_refused");
    expect(await codeOf(method, paramsOf(`${sound}AAAA`))).toBe("psbt_refused");
    expect(await codeOf(method, paramsOf("cHNidP8B"))).toBe("psbt_refused");
    expect(await codeOf(method, paramsOf(""))).toBe("psbt_refused");
    expect(site.proxy.sent()).toBe("");
    expect(await node.rpc("getblockcount")).toBe(115);
  });

  it("is passed on where it is sound, and what is no text is not", async () => {
    expect((await call(site, "reader", "decodepsbt", [sound])).json.result.tx).toBeDefined();
    expect((await call(site, "reader", "analyzepsbt", { psbt: sound })).json.error).toBeNull();
    expect((await call(site, "reader", "combinepsbt", [[sound, sound]])).json.error).toBeNull();
    for (const params of [[7], [null], { psbt: {} }, { args: [sound], psbt: 7 }]) {
      expect(await codeOf("decodepsbt", params)).toBe("parameter_invalid");
    }
    for (const params of [["x"], [[7]], { txs: "x" }, [Array(101).fill(sound)]]) {
      expect(await codeOf("combinepsbt", params)).toBe("parameter_invalid");
    }
  });
});
