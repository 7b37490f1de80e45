/** Transactions that clients bring, have signed or have bumped, through a gateway in front of a real node. */
import { hasLitecoind } from "@dgb-shield/testkit/litecoind";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  call,
  post,
  type FundedNode,
  startFundedNode,
  startSite,
  type TestSite,
  walletCall,
} from "../support/site.js";
import { built, COIN, pushed, replacedIn } from "../support/transactions.js";

describe.skipIf(!hasLitecoind())("a transaction through the gateway", () => {
  let node: FundedNode;
  let site: TestSite;
  beforeAll(async () => {
    node = await startFundedNode(["-mempoolreplacement=1"]);
  });
  afterAll(() => node.remove());
  const start = async (changes: Parameters<typeof startSite>[1] = {}) =>
    (site = await startSite(node, changes));
  afterEach(() => site.close());

  const own = (method: string, ...params: unknown[]) => walletCall(node, "hot", method, params);
  const mempool = async () => (await node.rpc("getrawmempool")) as string[];
  const funded = async (to: string, amount = 1) =>
    (
      (await own("walletcreatefundedpsbt", [], [{ [to]: amount }], 0, { feeRate: 0.0002 })) as {
        psbt: string;
      }
    ).psbt;
  const errorOf = (answer: Awaited<ReturnType<typeof call>>) => answer.json.error.data.code;

  it("is decided on by its outputs and its fee, sent as it is, and committed", async () => {
    await start();
    const to = node.addresses[0]!;
    const { hex, txid } = await built(node, [{ [to]: 1.25 }]);
    const answer = await call(site, "hot", "sendrawtransaction", { hexstring: hex });
    expect(answer.json).toMatchObject({ result: txid, error: null });
    expect(await mempool()).toContain(txid);
    const { fee } = (await own("gettransaction", txid)) as { fee: number };
    expect(site.hook.reservations).toMatchObject([
      {
        ...{ state: "committed", txid, fee: BigInt(Math.round(-fee * 1e8)) },
        spend: {
          ...{ method: "sendrawtransaction", wallet: "hot", client: "hot", internal: [] },
          payouts: [{ script: node.scripts.get(to), address: to, amount: 125_000_000n }],
          payment_id: expect.stringMatching(/^tx-[0-9a-f]{48}$/),
          transaction: hex,
          replaces: [],
        },
      },
    ]);
    // the same again is the same payment, under whatever name
    const again = await call(site, "hot", "sendrawtransaction", [hex]);
    expect(again.json.result).toBe(txid);
    expect(site.hook.reservations).toHaveLength(1);
  });

  it("is not sent where the hook refuses", async () => {
    await start();
    site.hook.limit = COIN;
    const { hex, txid } = await built(node, [{ [node.addresses[1]!]: 1.1 }]);
    expect(errorOf(await call(site, "hot", "sendrawtransaction", [hex]))).toBe("limit");
    expect(await mempool()).not.toContain(txid);
    expect(site.proxy.sent()).not.toContain(`"method":"sendrawtransaction"`);
  });

  it.each<[string, string, (psbt: string, hex: string) => unknown[], string]>([
    [
      "of DigiDollar",
      "sendrawtransaction",
      (_, hex) => [`70070002${hex.slice(8)}`],
      "asset_unknown",
    ],
    ["with a byte too many", "sendrawtransaction", (_, hex) => [`${hex}00`], "malformed"],
    ["that is no text", "sendrawtransaction", () => [7], "parameter_invalid"],
    ["with more parameters", "sendrawtransaction", (_, hex) => [hex, 0, 0, 0], "parameter_unknown"],
    ["signed for NONE", "walletprocesspsbt", (psbt) => [psbt, true, "NONE"], "sighash_refused"],
    ["that is no PSBT", "walletprocesspsbt", () => ["AAAA"], "psbt_magic"],
    [
      "signed for SINGLE",
      "signrawtransactionwithwallet",
      (_, hex) => [hex, [], "SINGLE"],
      "sighash_refused",
    ],
    ["with other outputs", "bumpfee", () => ["00".repeat(32), { outputs: [] }], "option_refused"],
    [
      "with an unknown option",
      "bumpfee",
      () => ["00".repeat(32), { totalFee: 7 }],
      "option_refused",
    ],
    ["that the node does not know", "bumpfee", () => ["00".repeat(32)], "bump_unavailable"],
  ])("is refused: one %s by %s", async (_, method, paramsOf, code) => {
    await start();
    const to = node.addresses[2]!;
    const { hex } = await built(node, [{ [to]: 1 }]);
    const answer = await call(site, "hot", method, paramsOf(await funded(to), hex));
    expect(errorOf(answer)).toBe(code);
    expect(site.hook.reservations).toEqual([]);
    expect(site.proxy.sent()).not.toContain(`"method":"${method}"`);
  });

  it("is refused where an output is of an unknown witness program", async () => {
    await start();
    const to = node.addresses[3]!;
    const { hex } = await built(node, [{ [to]: 1 }]);
    const changed = replacedIn(
      hex,
      pushed(node.scripts.get(to)!),
      pushed(`5220${"ab".repeat(32)}`),
    );
    expect(errorOf(await call(site, "hot", "sendrawtransaction", [changed]))).toBe(
      "output_unknown",
    );
  });

  it("is counted once where it is signed first and broadcast later", async () => {
    await start();
    const to = node.addresses[4]!;
    const psbt = await funded(to);
    const signed = await call(site, "hot", "walletprocesspsbt", { psbt });
    expect(signed.json.result.complete).toBe(true);
    const { result: whole } = (await call(site, "hot", "finalizepsbt", [signed.json.result.psbt]))
      .json;
    const { txid } = (await node.rpc("decoderawtransaction", whole.hex)) as { txid: string };
    expect(site.hook.reservations).toMatchObject([{ state: "committed", txid }]);
    expect(await mempool()).not.toContain(txid);
    const sent = await call(site, "hot", "sendrawtransaction", [whole.hex]);
    expect(sent.json.result).toBe(txid);
    expect(await mempool()).toContain(txid);
    expect(site.hook.reservations).toHaveLength(1);
  });

  it("has no second transaction for one identity", async () => {
    await start();
    const to = node.addresses[5]!;
    const headers = { "shield-payment-id": "one" };
    const [first, second] = [
      await built(node, [{ [to]: 2 }]),
      await built(node, [{ [to]: 2 }], { fee_rate: 20 }),
    ];
    expect(first.txid).not.toBe(second.txid);
    const sent = await call(site, "hot", "sendrawtransaction", [first.hex], headers);
    expect(sent.json.result).toBe(first.txid);
    const other = await call(site, "hot", "sendrawtransaction", [second.hex], headers);
    expect(errorOf(other)).toBe("payment_made");
    expect(await mempool()).not.toContain(second.txid);
  });

  it("keeps the signature where it could not be recorded", async () => {
    await start();
    site.hook.before = (what) =>
      what === "commit" ? Promise.reject(new Error("the ledger is gone")) : Promise.resolve();
    const answer = await call(site, "hot", "walletprocesspsbt", [await funded(node.addresses[6]!)]);
    expect(errorOf(answer)).toBe("hook_failed");
    expect(answer.text).not.toContain("cHNidP");
    expect(site.hook.reservations).toMatchObject([{ state: "reserved" }]);
  });

  it("signs nothing where the hook refuses, and releases what the wallet cannot sign", async () => {
    await start();
    site.hook.limit = 0n;
    const psbt = await funded(node.addresses[7]!);
    expect(errorOf(await call(site, "hot", "walletprocesspsbt", [psbt]))).toBe("limit");
    expect(site.proxy.sent()).not.toContain(`"method":"walletprocesspsbt"`);
    site.hook.limit = 100n * COIN;
    // the node refuses a fractional number of previous outputs
    const { hex } = await built(node, [{ [node.addresses[7]!]: 1 }]);
    const wrong = await call(site, "hot", "signrawtransactionwithwallet", [hex, [{ txid: "zz" }]]);
    expect(wrong.json.error.code).not.toBe(-32_010);
    expect(site.hook.reservations).toMatchObject([{ state: "released" }]);
  });

  it("counts the difference of a fee bump, and answers as the node does", async () => {
    await start();
    const to = node.addresses[8]!;
    const txid = String(await own("sendtoaddress", to, 1, "", "", false, true));
    const { fee } = (await own("gettransaction", txid)) as { fee: number };
    const answer = await call(site, "hot", "bumpfee", { txid, options: { fee_rate: 200 } });
    const { result } = answer.json;
    expect(Object.keys(result)).toEqual(["txid", "origfee", "fee", "errors"]);
    expect(result.origfee).toBe(-fee);
    expect(await mempool()).toContain(result.txid);
    expect(await mempool()).not.toContain(txid);
    const after = (await own("gettransaction", result.txid)) as { fee: number };
    expect(result.fee).toBe(-after.fee);
    const difference = BigInt(Math.round((result.fee - result.origfee) * 1e8));
    expect(site.hook.reservations).toMatchObject([
      {
        ...{ state: "committed", txid: result.txid, fee: difference },
        spend: {
          payouts: [],
          internal: [],
          fee: { kind: "known", amount: difference },
          replaces: [txid],
        },
      },
    ]);
  });

  it("is refused without an id, whatever its method", async () => {
    await start();
    const { hex, txid } = await built(node, [{ [node.addresses[9]!]: 1 }]);
    await post(site, "hot", { jsonrpc: "2.0", method: "sendrawtransaction", params: [hex] });
    const old = await post(site, "hot", { id: null, method: "sendrawtransaction", params: [hex] });
    expect(errorOf(old)).toBe("notification_refused");
    expect(await mempool()).not.toContain(txid);
  });

  it("is sent once where it is sent twice at once", async () => {
    await start();
    const { hex, txid } = await built(node, [{ [node.addresses[10]!]: 1 }]);
    const answers = await Promise.all(
      [1, 2, 3].map(() => call(site, "hot", "sendrawtransaction", [hex])),
    );
    expect(
      answers.every(
        ({ json }) => json.result === txid || json.error.data.code === "payment_unsettled",
      ),
    ).toBe(true);
    expect(answers.some(({ json }) => json.result === txid)).toBe(true);
    expect(site.hook.reservations).toHaveLength(1);
  });
});
