/** Transactions through a gateway whose node fails, or answers wrongly. */
import { createServer, type IncomingMessage } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { hasLitecoind } from "@dgb-shield/testkit/litecoind";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  call,
  type FundedNode,
  startFundedNode,
  startSite,
  type TestSite,
  walletCall,
} from "../support/site.js";
import { built } from "../support/transactions.js";

/** What a test makes of the node's honest answer to a method; null ends the connection without one. */
type Edit = (text: string) => string | null;

describe.skipIf(!hasLitecoind())("a transaction through the gateway, at a node that fails", () => {
  let node: FundedNode;
  let site: TestSite;
  const edits = new Map<string, Edit>();
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const body = Buffer.concat(chunks).toString("utf8");
      const { status, text } = await honest(request, body);
      const { method } = JSON.parse(body) as { method?: string };
      const edited = (edits.get(method ?? "") ?? String)(text);
      if (edited === null) response.destroy();
      else response.writeHead(status, { "content-type": "application/json" }).end(edited);
    })().catch(() => response.destroy());
  });
  const honest = async ({ url, headers }: IncomingMessage, body: string) => {
    const answer = await fetch(node.url + (url ?? "/"), {
      method: "POST",
      headers: { authorization: headers.authorization ?? "" },
      body,
    });
    return { status: answer.status, text: await answer.text() };
  };

  beforeAll(async () => {
    node = await startFundedNode();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await node.remove();
  });
  const start = async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    site = await startSite({ ...node, url });
  };
  afterEach(async () => {
    edits.clear();
    await site.close();
  });
  const own = (method: string, ...params: unknown[]) => walletCall(node, "hot", method, params);
  const funded = async (to: string, amount = 1) =>
    ((await own("walletcreatefundedpsbt", [], [{ [to]: amount }])) as { psbt: string }).psbt;
  const errorOf = (answer: Awaited<ReturnType<typeof call>>) => answer.json.error.data.code;

  it("counts as sent where the answer is lost, and is found in the wallet", async () => {
    await start();
    const { hex, txid } = await built(node, [{ [node.addresses[0]!]: 1 }]);
    edits.set("sendrawtransaction", () => null);
    expect(errorOf(await call(site, "hot", "sendrawtransaction", [hex]))).toBe("outcome_unclear");
    expect(site.hook.reservations).toMatchObject([{ state: "unclear" }]);
    edits.clear();
    const again = await call(site, "hot", "sendrawtransaction", [hex]);
    expect(again.json.result).toBe(txid);
    expect(site.hook.reservations).toMatchObject([{ state: "committed", txid }]);
    expect(site.hook.reservations).toHaveLength(1);
  });

  it("is released where the node rejects it, with the node's own error", async () => {
    await start();
    const { hex } = await built(node, [{ [node.addresses[1]!]: 1 }]);
    // the last byte of the first signature's script
    const at = hex.lastIndexOf("2102") > 0 ? hex.lastIndexOf("2102") : hex.lastIndexOf("2103");
    const broken = `${hex.slice(0, at - 10)}00${hex.slice(at - 8)}`;
    const answer = await call(site, "hot", "sendrawtransaction", [broken]);
    expect(answer.json.error.code).toBe(-26);
    expect(site.hook.reservations).toMatchObject([{ state: "released", reason: "RPC error -26" }]);
  });

  it("is committed where the node rejects what it has already", async () => {
    await start();
    const { hex, txid } = await built(node, [{ [node.addresses[2]!]: 1 }]);
    edits.set("sendrawtransaction", (text) => {
      const { id } = JSON.parse(text) as { id: unknown };
      return JSON.stringify({ id, result: null, error: { code: -25, message: "inputs missing" } });
    });
    await call(site, "hot", "sendrawtransaction", [hex]);
    expect(site.hook.reservations).toMatchObject([{ state: "committed", txid }]);
  });

  it("is not given to the client where the wallet signed another one", async () => {
    await start();
    const [psbt, other] = [await funded(node.addresses[3]!), await funded(node.addresses[4]!, 2)];
    edits.set("walletprocesspsbt", (text) => {
      const { id } = JSON.parse(text) as { id: unknown };
      return JSON.stringify({ id, error: null, result: { psbt: other, complete: false } });
    });
    const answer = await call(site, "hot", "walletprocesspsbt", [psbt]);
    expect(errorOf(answer)).toBe("transaction_differs");
    expect(answer.text).not.toContain(other);
    expect(site.hook.reservations).toMatchObject([{ state: "released" }]);
  });

  it("is released where a signature is lost on its way, since no client has it", async () => {
    await start();
    edits.set("walletprocesspsbt", () => null);
    const answer = await call(site, "hot", "walletprocesspsbt", [await funded(node.addresses[5]!)]);
    expect(errorOf(answer)).toBe("node_unavailable");
    expect(site.hook.reservations).toMatchObject([{ state: "released" }]);
  });

  it("is not counted under another id where the node does not finalize what it signed", async () => {
    await start();
    edits.set("finalizepsbt", () => null);
    const psbt = await funded(node.addresses[7]!);
    const answer = await call(site, "hot", "walletprocesspsbt", [psbt]);
    expect(errorOf(answer)).toBe("node_unavailable");
    expect(site.hook.reservations).toMatchObject([{ state: "released" }]);
    edits.clear();
    const again = await call(site, "hot", "walletprocesspsbt", [psbt]);
    expect(again.json.result).toMatchObject({ complete: true });
  });

  it("is released at once where the node is starting, which it did not look at", async () => {
    await start();
    const { hex } = await built(node, [{ [node.addresses[8]!]: 1 }]);
    edits.set("sendrawtransaction", (text) => {
      const { id } = JSON.parse(text) as { id: unknown };
      return JSON.stringify({ id, result: null, error: { code: -28, message: "Loading" } });
    });
    expect((await call(site, "hot", "sendrawtransaction", [hex])).json.error.code).toBe(-28);
    expect(site.hook.reservations).toMatchObject([{ state: "released", reason: "RPC error -28" }]);
  });

  it("is refused where the node answers with garbage before it is decided on", async () => {
    await start();
    const { hex } = await built(node, [{ [node.addresses[6]!]: 1 }]);
    // batches have no method: the questions of the decoder
    edits.set("", () => "garbage");
    expect(errorOf(await call(site, "hot", "sendrawtransaction", [hex]))).toBe("node_unreadable");
    expect(site.hook.reservations).toEqual([]);
  });
});
