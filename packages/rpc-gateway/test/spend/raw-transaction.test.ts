/** What raw transactions pay, at a real node. */
import { hasLitecoind } from "@dgb-shield/testkit/litecoind";
import type { NodeRpc } from "@dgb-shield/chain/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FundedNode, startFundedNode, walletCall } from "../support/site.js";
import { addressOf, decodeTransaction } from "@dgb-shield/chain/decode";
import { litecoinRegtest } from "@dgb-shield/chain";
import { readRawTransaction } from "../../src/spend/transaction/index.js";
import {
  answering,
  built,
  clientOf,
  codeOf,
  COIN,
  contextOf,
  little,
  pushed,
  replacedIn,
  someCoin,
} from "../support/transactions.js";

describe.skipIf(!hasLitecoind())("what a raw transaction pays", () => {
  let node: FundedNode;
  let hot: NodeRpc;
  let [to, other]: string[] = [];
  beforeAll(async () => {
    node = await startFundedNode();
    hot = clientOf(node, "hot");
    [to, other] = node.addresses;
  });
  afterAll(async () => {
    await hot.close();
    await node.remove();
  });
  const own = (method: string, ...params: unknown[]) => walletCall(node, "hot", method, params);
  const scriptOf = (address: string) => node.scripts.get(address)!;
  /** The fee as the node counts it. */
  const nodeFee = async (hex: string) => {
    const [answer] = (await node.rpc("testmempoolaccept", [hex])) as { fees?: { base: number } }[];
    return BigInt(Math.round(answer!.fees!.base * 1e8));
  };

  it("is every output that is not the wallet's own, and the fee as the node counts it", async () => {
    const { hex, txid } = await built(node, [{ [to!]: 1.5 }, { [other!]: 0.25 }]);
    const result = await readRawTransaction(contextOf(hot), hex);
    const decoded = decodeTransaction(litecoinRegtest, hex);
    expect(decoded.ok && decoded.value.outputs).toHaveLength(3); // two payouts and the change
    expect(result).toMatchObject({
      ok: true,
      value: {
        outputs: expect.arrayContaining([
          { script: scriptOf(to!), address: to, amount: 150_000_000n },
          { script: scriptOf(other!), address: other, amount: 25_000_000n },
        ]),
        fee: await nodeFee(hex),
        replaces: [],
        txid,
        transaction: hex,
      },
    });
    expect(result.ok && result.value.outputs).toHaveLength(2);
    expect(result.ok && result.value.inputs).toEqual(
      decoded.ok && decoded.value.inputs.map(({ txid, vout }) => ({ txid, vout })),
    );
  });

  it("counts the change too where no wallet proves it, or the wallet names another script", async () => {
    const { hex } = await built(node, [{ [to!]: 1 }]);
    const sumOf = async (
      changes: Parameters<typeof contextOf>[1],
      client = hot as Pick<NodeRpc, "batch">,
    ) => {
      const result = await readRawTransaction(contextOf(client, changes), hex);
      return result.ok ? result.value.outputs.length : result.refusal.code;
    };
    expect(await sumOf({})).toBe(1);
    expect(await sumOf({ hasWallet: false })).toBe(2);
    const lying = (info: object) =>
      answering(hot, { getaddressinfo: () => ({ ok: true, value: info }) });
    expect(await sumOf({}, lying({ ismine: true, scriptPubKey: scriptOf(other!) }))).toBe(2);
    expect(
      await sumOf({}, lying({ ismine: true, iswatchonly: true, scriptPubKey: scriptOf(to!) })),
    ).toBe(2);
    expect(await sumOf({}, lying({ ismine: "true", scriptPubKey: scriptOf(to!) }))).toBe(2);
  });

  it("leaves out scripts that are configured as own, and keeps destinations of a class", async () => {
    const { hex } = await built(node, [{ [to!]: 1 }]);
    const result = await readRawTransaction(
      contextOf(hot, { isOwn: (script) => script === scriptOf(to!) }),
      hex,
    );
    expect(result).toMatchObject({ ok: true, value: { outputs: [] } });
    const mine = String(await own("getnewaddress"));
    const toCold = await built(node, [{ [mine]: 1 }]);
    const { scriptPubKey } = (await own("getaddressinfo", mine)) as { scriptPubKey: string };
    const isInternal = (script: string) => script === scriptPubKey;
    const cold = await readRawTransaction(contextOf(hot, { isInternal }), toCold.hex);
    expect(cold).toMatchObject({ value: { outputs: [{ script: scriptPubKey, amount: COIN }] } });
  });

  it("resolves inputs by the coins, where the node has no earlier transaction", async () => {
    const { hex } = await built(node, [{ [to!]: 1 }]);
    const unknown = {
      ok: false,
      failure: { kind: "rpc", code: -5, detail: "", executed: "unknown" },
    } as const;
    const noRaw = { getrawtransaction: () => unknown };
    const expected = await readRawTransaction(contextOf(hot), hex);
    const coins = answering(hot, noRaw);
    expect(await readRawTransaction(contextOf(coins), hex)).toEqual(expected);
    const noCoins = answering(hot, { ...noRaw, gettxout: () => ({ ok: true, value: null }) });
    expect(await readRawTransaction(contextOf(noCoins), hex)).toEqual(expected);
    const empty = { value: 0, scriptPubKey: { hex: `5120${"ab".repeat(32)}` } };
    const valueless = answering(hot, { ...noRaw, gettxout: () => ({ ok: true, value: empty }) });
    expect(await codeOf(readRawTransaction(contextOf(valueless), hex))).toBe("input_valueless");
    const nothing = answering(hot, {
      ...noRaw,
      gettxout: () => ({ ok: true, value: null }),
      gettransaction: () => unknown,
    });
    expect(await codeOf(readRawTransaction(contextOf(nothing), hex))).toBe("input_unresolved");
  });

  it.each<[string, (hex: string) => string, string]>([
    ["DigiDollar", (hex) => `70070001${hex.slice(8)}`, "asset_unknown"],
    [
      "a HogEx",
      (hex) => hex.replace(/^(.{8})0001(.*?)(.{8})$/, "$10009$200$3"),
      "transaction_unknown",
    ],
    ["a byte too many", (hex) => `${hex}00`, "malformed"],
    ["no hexadecimal text", (hex) => `${hex} `, "encoding"],
    [
      "an input that the node does not know",
      (hex) => hex.slice(0, 14) + "ff".repeat(32) + hex.slice(78),
      "input_unresolved",
    ],
  ])("refuses %s", async (_, changed, code) => {
    const { hex } = await built(node, [{ [to!]: 1 }], {
      inputs: [await someCoin(node)],
      add_inputs: false,
    });
    expect(await codeOf(readRawTransaction(contextOf(hot), changed(hex)))).toBe(code);
  });

  it.each<[string, string, string]>([
    ["an unknown witness program", `5210${"ab".repeat(16)}`, "output_unknown"],
    ["Litecoin's extension block", `5920${"ab".repeat(32)}`, "output_unknown"],
    ["a script that anyone can spend", "51", "output_unknown"],
  ])("refuses an output to %s", async (_, script, code) => {
    const { hex } = await built(node, [{ [to!]: 1 }]);
    const changed = replacedIn(hex, pushed(scriptOf(to!)), pushed(script));
    expect(await codeOf(readRawTransaction(contextOf(hot), changed))).toBe(code);
  });

  it("refuses an output of nothing that is no data, and counts data that burns", async () => {
    const { hex } = await built(node, [{ [to!]: 1 }]);
    const nothing = replacedIn(hex, little(COIN), little(0n));
    expect(await codeOf(readRawTransaction(contextOf(hot), nothing))).toBe("output_valueless");
    const burnt = replacedIn(hex, pushed(scriptOf(to!)), pushed("6a0401020304"));
    expect(await readRawTransaction(contextOf(hot), burnt)).toMatchObject({
      value: { outputs: [{ script: "6a0401020304", address: null, amount: COIN }] },
    });
  });

  it("refuses more inputs than it resolves, and asks the node nothing", async () => {
    const inputs = Array.from({ length: 2_501 }, (_, vout) => ({ txid: "ab".repeat(32), vout }));
    const hex = String(await node.rpc("createrawtransaction", inputs, [{ [to!]: 1 }]));
    const silent = { batch: () => Promise.reject(new Error("asked")) };
    expect(await codeOf(readRawTransaction(contextOf(silent), hex))).toBe("inputs_too_many");
  });

  it("refuses a fee that is negative, too high, or too high for its size", async () => {
    const { hex } = await built(node, [{ [to!]: 1 }]);
    const fee = await nodeFee(hex);
    const size = (decodeTransaction(litecoinRegtest, hex) as { value: { vsize: number } }).value
      .vsize;
    const read = (changes: object, raw = hex) =>
      codeOf(readRawTransaction(contextOf(hot, changes), raw));
    expect(await read({ maxFee: fee })).toBe("ok");
    expect(await read({ maxFee: fee - 1n })).toBe("fee_too_high");
    expect(await read({ maxFeeRate: Number(fee) / size })).toBe("ok");
    expect(await read({ maxFeeRate: (Number(fee) - 1) / size })).toBe("fee_rate_too_high");
    expect(await read({}, replacedIn(hex, little(COIN), little(200n * COIN)))).toBe("fee_negative");
    // what the outputs lack is the fee
    expect(await read({}, replacedIn(hex, little(COIN), little(COIN / 2n)))).toBe("fee_too_high");
  });

  it("names the unconfirmed transaction that it replaces, and none when it is broadcast again", async () => {
    const coin = await someCoin(node);
    const options = { inputs: [coin], add_inputs: true, replaceable: true };
    const first = await built(node, [{ [to!]: 1 }], options);
    const second = await built(node, [{ [other!]: 2 }], { ...options, fee_rate: 50 });
    await node.rpc("sendrawtransaction", first.hex);
    expect(await readRawTransaction(contextOf(hot), second.hex)).toMatchObject({
      ok: true,
      value: { replaces: [first.txid], outputs: [{ address: other, amount: 2n * COIN }] },
    });
    expect(await readRawTransaction(contextOf(hot), first.hex)).toMatchObject({
      value: { replaces: [] },
    });
    const spending = [{ ...coin, spendingtxid: first.txid }];
    const newer = answering(hot, { gettxspendingprevout: () => ({ ok: true, value: spending }) });
    expect(await readRawTransaction(contextOf(newer), second.hex)).toMatchObject({
      value: { replaces: [first.txid] },
    });
    const full = answering(hot, {
      getrawmempool: () => ({ ok: true, value: Array(5_001).fill(first.txid) }),
    });
    expect(await codeOf(readRawTransaction(contextOf(full), second.hex))).toBe("replaced_unknown");
  });

  it("refuses what the node does not answer, or answers with garbage", async () => {
    const { hex } = await built(node, [{ [to!]: 1 }]);
    const failing = (kind: "connection" | "garbage" | "overloaded") => ({
      batch: (calls: readonly unknown[]) =>
        Promise.resolve(
          calls.map(
            () =>
              ({
                ok: false,
                failure: { kind, code: null, detail: "", executed: "unknown" },
              }) as const,
          ),
        ),
    });
    expect(await codeOf(readRawTransaction(contextOf(failing("connection")), hex))).toBe(
      "node_unavailable",
    );
    expect(await codeOf(readRawTransaction(contextOf(failing("overloaded")), hex))).toBe(
      "node_unavailable",
    );
    expect(await codeOf(readRawTransaction(contextOf(failing("garbage")), hex))).toBe(
      "node_unreadable",
    );
    const throwing = { batch: () => Promise.reject(new Error("a fault of the client")) };
    expect(await codeOf(readRawTransaction(contextOf(throwing), hex))).toBe("node_unreadable");
  });

  it("does not believe a node that gives another transaction than the one asked for", async () => {
    const { hex } = await built(node, [{ [to!]: 1 }]);
    const foreign = await built(node, [{ [to!]: 40 }]);
    const lying = answering(hot, {
      getrawtransaction: () => ({ ok: true, value: foreign.hex }),
      gettxout: () => ({ ok: true, value: null }),
      gettransaction: () => ({ ok: true, value: { hex: foreign.hex } }),
    });
    expect(await codeOf(readRawTransaction(contextOf(lying), hex))).toBe("input_unresolved");
  });

  it("knows the destinations of the tests", () => {
    for (const [address, script] of node.scripts)
      expect(addressOf(litecoinRegtest, script)).toBe(address);
  });
});
