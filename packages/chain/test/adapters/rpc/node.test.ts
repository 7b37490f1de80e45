/** The client against a real node. */
import { connect as connectTcp } from "node:net";
import { hasLitecoind, type RegtestNode, startNode } from "@dgb-shield/testkit/litecoind";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createNodeRpc, type NodeRpc, RPC_IN_WARMUP } from "../../../src/adapters/rpc/index.js";

describe.skipIf(!hasLitecoind())("createNodeRpc at a real node", () => {
  let node: RegtestNode;
  let rpc: NodeRpc;
  beforeAll(async () => {
    node = await startNode();
    rpc = createNodeRpc({ url: node.url, auth: { cookie_file: node.cookieFile } });
  });
  afterAll(async () => {
    await rpc.close();
    await node.remove();
  });

  it("calls one method, and several in one request in their order", async () => {
    const genesis = "530827f38f93b43ed12af0b3ad25a288dc02ed74d6d7857862df51fc56c416f9";
    expect(await rpc.call("getblockhash", [0])).toEqual({ ok: true, value: genesis });
    const before = rpc.statistics();
    const answers = await rpc.batch([
      { method: "getblockcount" },
      { method: "getblockhash", params: [1] },
      { method: "getbestblockhash" },
    ]);
    expect(answers).toMatchObject([
      { ok: true, value: 0 },
      { ok: false, failure: { kind: "rpc", code: -8, executed: "unknown" } },
      { ok: true, value: genesis },
    ]);
    const { calls, requests, failures } = rpc.statistics();
    expect([calls - before.calls, requests - before.requests]).toEqual([3, 1]);
    expect(failures).toBe(before.failures + 1);
  });

  it("distinguishes an unknown method, a wrong password and a missing cookie", async () => {
    expect(await rpc.call("nosuchmethod")).toMatchObject({
      failure: { kind: "rpc", code: -32_601, executed: "no" },
    });
    const wrong = createNodeRpc({ url: node.url, auth: { user: "u", password: "hunter2" } });
    const refused = await wrong.call("getblockcount");
    expect(refused).toMatchObject({ failure: { kind: "unauthorized", code: 401, executed: "no" } });
    expect(JSON.stringify(refused)).not.toContain("hunter2");
    await wrong.close();
    const missing = createNodeRpc({ url: node.url, auth: { cookie_file: `${node.folder}/no` } });
    expect(await missing.call("getblockcount")).toMatchObject({
      failure: { kind: "unauthorized" },
    });
    await missing.close();
  });

  it("reads the new cookie after a restart, and reports a node that is down", async () => {
    await node.end();
    expect(await rpc.call("getblockcount")).toMatchObject({
      ok: false,
      failure: { kind: "connection", executed: "no" },
    });
    await node.start();
    expect(await rpc.call("getblockcount")).toEqual({ ok: true, value: 0 });
  });

  it("reports the RPC error of a node that is starting", async () => {
    await node.rpc("generatetoaddress", 400, String(await addressOf(node)));
    await node.end();
    const starting = node.start();
    const seen: unknown[] = [];
    for (let isUp = false; !isUp;) {
      const answer = await rpc.call("getblockcount");
      isUp = answer.ok;
      if (!answer.ok) seen.push(answer.failure);
    }
    await starting;
    const kinds = ["connection", "unauthorized", "rpc"];
    for (const failure of seen) {
      expect(kinds).toContain((failure as { kind: string }).kind);
      if ((failure as { kind: string }).kind === "rpc") {
        expect(failure).toMatchObject({ code: RPC_IN_WARMUP, executed: "no" });
      }
    }
  });

  it("keeps to one connection, however many calls are made at once", async () => {
    const answers = await Promise.all(Array.from({ length: 120 }, () => rpc.call("getblockcount")));
    expect(answers.every(({ ok }) => ok)).toBe(true);
  });

  it("is not confused by what is no node", async () => {
    const { port } = new URL(node.url);
    await new Promise((resolve) => connectTcp(Number(port), "127.0.0.1").on("connect", resolve));
    const p2p = createNodeRpc({ url: `http://${node.address}`, timeout_ms: 2_000 });
    const answer = await p2p.call("getblockcount");
    expect(answer).toMatchObject({ ok: false });
    expect(["connection", "timeout"]).toContain(answer.ok ? "" : answer.failure.kind);
    await p2p.close();
  });
});

async function addressOf(node: RegtestNode): Promise<unknown> {
  await node.rpc("createwallet", "w");
  return node.rpc("getnewaddress");
}
