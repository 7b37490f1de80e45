/** Payments through a gateway in front of a real node. */
import { readFileSync } from "node:fs";
import { hasLitecoind } from "@dgb-shield/testkit/litecoind";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  call,
  type FundedNode,
  post,
  startFundedNode,
  startSite,
  type TestSite,
  walletCall,
} from "../support/site.js";

const id = (name: string) => ({ "shield-payment-id": name });

describe.skipIf(!hasLitecoind())("a payment through the gateway", () => {
  let node: FundedNode;
  let site: TestSite;
  beforeAll(async () => {
    node = await startFundedNode();
  });
  afterAll(() => node.remove());
  const start = async (changes: Parameters<typeof startSite>[1] = {}) =>
    (site = await startSite(node, changes));
  afterEach(() => site.close());

  const paidTo = async (address: string) =>
    (
      (await walletCall(node, "hot", "listtransactions", ["*", 500])) as {
        category: string;
        address: string;
        comment?: string;
      }[]
    ).filter((one) => one.category === "send" && one.address === address);

  it("asks the hook, sends once, and commits with txid and fee", async () => {
    await start();
    const [to] = node.addresses;
    const answer = await call(site, "hot", "sendtoaddress", [to, "0.10000000", "rent"], id("p-1"));
    expect(answer.status).toBe(200);
    const txid = answer.json.result;
    expect(txid).toMatch(/^[0-9a-f]{64}$/);
    expect(site.hook.reservations).toMatchObject([
      {
        state: "committed",
        txid,
        spend: {
          ...{ method: "sendtoaddress", wallet: "hot", client: "hot", payment_id: "p-1" },
          payouts: [{ script: node.scripts.get(to!), address: to, amount: 10_000_000n }],
        },
      },
    ]);
    const details = (await walletCall(node, "hot", "gettransaction", [txid])) as {
      fee: number;
      comment: string;
    };
    expect(site.hook.reservations[0]?.fee).toBe(BigInt(Math.round(-details.fee * 1e8)));
    expect(details.comment).toBe("shield:p-1 rent");
  });

  it("answers a retry with the transaction of before", async () => {
    await start();
    const to = node.addresses[1]!;
    const first = await call(site, "hot", "sendtoaddress", { address: to, amount: 0.2 }, id("p-2"));
    const second = await call(
      site,
      "hot",
      "sendtoaddress",
      { amount: 0.2, address: to },
      id("p-2"),
    );
    expect(second.json.result).toBe(first.json.result);
    const other = await call(site, "hot", "sendtoaddress", [to, 0.3], id("p-2"));
    expect(other.json.error).toMatchObject({ code: -32_010, data: { code: "payment_differs" } });
    expect(await paidTo(to)).toHaveLength(1);
  });

  it("pays by sendmany and by send", async () => {
    await start();
    const [, , a, b, c] = node.addresses as [string, string, string, string, string];
    const many = await call(
      ...([
        site,
        "hot",
        "sendmany",
        ["", { [a]: 0.01, [b]: "2e-2" }, 1, "", [a]] as unknown,
        id("p-3"),
      ] as const),
    );
    expect(many.json.error).toBeNull();
    const one = await call(site, "hot", "send", [{ [c]: 0.03 }], id("p-4"));
    expect(one.json.result).toMatchObject({
      complete: true,
      txid: site.hook.reservations[1]?.txid,
    });
    expect(site.hook.reservations).toMatchObject([
      {
        state: "committed",
        spend: {
          fee: { kind: "included" },
          payouts: [{ amount: 1_000_000n }, { amount: 2_000_000n }],
        },
      },
      {
        state: "committed",
        spend: { fee: { kind: "reserve" }, payouts: [{ amount: 3_000_000n }] },
      },
    ]);
    const again = await call(site, "hot", "send", [{ [c]: 0.03 }], id("p-4"));
    expect(again.json.result.txid).toBe(one.json.result.txid);
    expect(await paidTo(c)).toHaveLength(1);
    const refused = await call(site, "hot", "sendall", [[a]], id("p-5"));
    expect(refused.json.error.data.code).toBe("sendall_refused");
  });

  it("sends nothing that the hook refuses, and returns what the node refuses", async () => {
    await start();
    site.hook.limit = 50_000_000n;
    const to = node.addresses[5]!;
    const refused = await call(site, "hot", "sendtoaddress", [to, 1], id("p-6"));
    expect(refused).toMatchObject({
      status: 500,
      json: { result: null, error: { data: { code: "limit", retry_after_ms: 1_000 } } },
    });
    expect(site.proxy.sent()).toBe("");
    site.hook.limit = 10n ** 18n;
    const poor = await call(site, "hot", "sendtoaddress", [to, 50_000], id("p-7"));
    expect(poor.json.error).toMatchObject({ code: -6, message: "Insufficient funds" });
    expect(site.hook.reservations).toMatchObject([{ state: "released", reason: "RPC error -6" }]);
    expect(await paidTo(to)).toHaveLength(0);
  });

  it("takes the identity from the comment, or makes one", async () => {
    await start();
    const to = node.addresses[6]!;
    const first = await call(site, "commenter", "sendtoaddress", [to, 0.01, "order-7"]);
    const retry = await call(site, "commenter", "sendtoaddress", [to, 0.01, "order-7"]);
    expect(retry.json.result).toBe(first.json.result);
    const none = await call(site, "commenter", "sendtoaddress", [to, 0.01]);
    expect(none.json.error.data.code).toBe("payment_id_missing");
    const bad = await call(site, "commenter", "sendtoaddress", [to, 0.01, "shield:x"]);
    expect(bad.json.error.data.code).toBe("payment_id_invalid");
    const made = await call(site, "cli", "sendtoaddress", [to, 0.01]);
    expect(made.json.error).toBeNull();
    expect(site.hook.reservations.at(-1)?.spend.payment_id).toMatch(/^made-/);
    const comments = (await paidTo(to)).map(({ comment }) => comment);
    expect(comments[0]).toBe("order-7");
    expect(comments[1]).toMatch(/^shield:made-/);
  });

  it("never lets two calls at once pass one limit, or one identity pay twice", async () => {
    await start();
    site.hook.limit = 30_000_000n;
    const to = node.addresses[7]!;
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        call(site, i % 2 ? "hot" : "cli", "sendtoaddress", [to, 0.1], id(`q-${i >> 1}`)),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(await paidTo(to)).toHaveLength(3);
    site.hook.limit = 10n ** 12n;
    const same = node.addresses[8]!;
    await Promise.all(
      Array.from({ length: 8 }, () => call(site, "hot", "sendtoaddress", [same, 0.1], id("same"))),
    );
    expect(await paidTo(same)).toHaveLength(1);
  });

  it("refuses what it cannot ask about, and keeps what it could not commit until it is settled", async () => {
    await start();
    const to = node.addresses[9]!;
    site.hook.before = () => Promise.reject(new Error("down"));
    const down = await call(site, "hot", "sendtoaddress", [to, 0.1], id("r-1"));
    expect(down.json.error.data.code).toBe("hook_failed");
    site.hook.before = (what) =>
      what === "commit" ? Promise.reject(new Error("down")) : Promise.resolve();
    const paid = await call(site, "hot", "sendtoaddress", [to, 0.1], id("r-2"));
    expect(paid.json.error).toBeNull();
    expect(site.hook.reservations.at(-1)?.state).toBe("reserved");
    site.hook.before = () => Promise.resolve();
    await site.gateway.settle();
    expect(site.hook.reservations.at(-1)).toMatchObject({
      state: "committed",
      txid: paid.json.result,
    });
    expect(await paidTo(to)).toHaveLength(1);
  });

  it("releases what the node certainly did not execute as soon as the hook answers again", async () => {
    await start();
    const to = node.addresses[10]!;
    site.hook.before = (what) =>
      what === "release" ? Promise.reject(new Error("down")) : Promise.resolve();
    const dear = await call(site, "hot", "sendtoaddress", [to, 9_000], id("u-1"));
    expect(dear.json.error.code).toBe(-6);
    const raw = await call(site, "hot", "sendrawtransaction", [await unsigned(to)], id("u-2"));
    expect(raw.json.error.code).toBe(-26);
    const states = () => site.hook.reservations.map(({ state }) => state);
    await site.gateway.settle();
    expect(states()).toEqual(["reserved", "reserved"]);
    site.hook.before = () => Promise.resolve();
    await site.gateway.settle();
    expect(states()).toEqual(["released", "released"]);
    expect(site.hook.reservations[0]?.reason).toBe("RPC error -6");
  });

  /** A payment without signatures, which a node refuses. */
  async function unsigned(to: string): Promise<string> {
    const [coin] = (await walletCall(node, "hot", "listunspent", [])) as {
      txid: string;
      vout: number;
      amount: number;
    }[];
    const { txid, vout, amount } = coin!;
    const outputs = [{ [to]: (amount - 0.0005).toFixed(8) }];
    return (await node.rpc("createrawtransaction", [{ txid, vout }], outputs)) as string;
  }

  it("passes the answers of the node byte for byte, and its order of a batch", async () => {
    await start();
    const hash = (await node.rpc("getblockhash", 3)) as string;
    const body = `{"id":7,"method":"getblock","params":["${hash}",2]}`;
    const through = await post(site, "reader", body);
    expect(through.text).toBe(await directly(node, body));
    const batch = await post(site, "reader", [
      { jsonrpc: "2.0", id: "a", method: "getblockcount" },
      { id: 2, method: "nosuchmethod" },
      5,
      { id: null, method: "getblockhash", params: [0] },
    ]);
    expect(batch.status).toBe(200);
    expect(batch.json).toMatchObject([
      { id: "a", result: 115, error: null },
      { id: 2, error: { data: { code: "unknown_method" } } },
      { id: null, error: { code: -32_600 } },
      { id: null, error: null },
    ]);
    expect((await post(site, "reader", "[]")).text.trim()).toBe("[]");
  });
});

async function directly(node: FundedNode, body: string): Promise<string> {
  const authorization = `Basic ${readFileSync(node.cookieFile).toString("base64")}`;
  const answer = await fetch(node.url, { method: "POST", headers: { authorization }, body });
  return answer.text();
}
