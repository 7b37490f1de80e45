/** Unmodified clients, and clients that share a gateway. */
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { hasLitecoind } from "@dgb-shield/testkit/litecoind";
import { hanging } from "@dgb-shield/testkit/rpc-faults";
import { startRpcProxy } from "@dgb-shield/testkit/rpc-proxy";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUsage, permissionsOf } from "../../src/index.js";
import { testPolicy } from "../support/policy.js";
import { exchange, requestText } from "../support/raw.js";
import {
  call,
  type FundedNode,
  PASSWORD,
  startFundedNode,
  startSite,
  type TestSite,
} from "../support/site.js";

type CoreClient = { command(calls: unknown, ...params: unknown[]): Promise<unknown> };
type CoreClientClass = new (options: Record<string, unknown>) => CoreClient;
const BitcoinCore = createRequire(import.meta.url)("bitcoin-core") as CoreClientClass;

describe.skipIf(!hasLitecoind())("clients of the gateway", () => {
  let node: FundedNode;
  let site: TestSite;
  let to = "";
  const usage = createUsage();
  beforeAll(async () => {
    node = await startFundedNode();
    [to = ""] = node.addresses;
    site = await startSite(node, { ports: { used: usage.used } });
  });
  afterAll(async () => {
    await site.close();
    await node.remove();
  });

  it("serves the library bitcoin-core: single calls, a batch, a payment, an error", async () => {
    const client = new BitcoinCore({
      host: site.url,
      username: "cli",
      password: PASSWORD,
      version: "0.21.0",
    });
    expect(await client.command("getblockcount")).toBe(115);
    expect(
      await client.command([{ method: "getblockcount" }, { method: "getbestblockhash" }]),
    ).toEqual([115, await node.rpc("getbestblockhash")]);
    expect(await client.command("sendtoaddress", to, 0.01)).toBe(
      site.hook.reservations.at(-1)?.txid,
    );
    await expect(client.command("dumpprivkey", to)).rejects.toThrow("role_forbids");
  });

  it("serves litecoin-cli: arguments by position and by name, a wallet, an error", async () => {
    const { port } = new URL(site.url);
    const cli = async (...args: string[]) => {
      const own = ["-regtest", `-rpcport=${port}`, "-rpcuser=cli", `-rpcpassword=${PASSWORD}`];
      const { stdout } = await promisify(execFile)("litecoin-cli", [...own, ...args]);
      return stdout.trim();
    };
    expect(await cli("getblockcount")).toBe("115");
    expect(await cli("-rpcwallet=hot", "getwalletinfo")).toContain('"walletname": "hot"');
    expect(await cli("-named", "sendtoaddress", `address=${to}`, "amount=0.01")).toMatch(
      /^[0-9a-f]{64}$/,
    );
    const many = JSON.stringify({ [to]: 0.01 });
    expect(await cli("sendmany", "", many)).toBe(site.hook.reservations.at(-1)?.txid);
    await expect(cli("-rpcwallet=other", "getbalance")).rejects.toThrow(/wallet_unknown|404/);
    await expect(cli("stop")).rejects.toThrow("role_forbids");
  });

  it("learns which methods each client called", () => {
    const list = usage.list().filter(({ client }) => client === "cli");
    expect(list).toContainEqual({ client: "cli", method: "dumpprivkey", calls: 1, refused: 1 });
    expect(list.find(({ method }) => method === "getblockcount")?.calls).toBe(3);
    expect(JSON.stringify(usage.list())).not.toContain(to);
    const own = createUsage();
    for (let i = 0; i < 600; i++)
      own.used(
        "a",
        `m${"abcdefghij"[i % 10] ?? ""}${"x".repeat(i % 40)}${"y".repeat(i % 7)}`,
        false,
      );
    own.used("a", "cSecret1", true);
    expect(own.list().length).toBeLessThanOrEqual(513);
    expect(own.list()[0]).toMatchObject({ method: "(other)", refused: 1 });
  });

  it("lists what a client may do in each state", () => {
    const client = { name: "hot", role: "spender", wallets: ["hot"] };
    const [none, , full] = permissionsOf(testPolicy(60), client, [
      "sendtoaddress",
      "getblockcount",
      "stop",
    ]);
    expect(none).toMatchObject({
      lockdown: "NONE",
      allowed: [
        { method: "sendtoaddress", kind: "spend", hook: true, max_calls_per_minute: 60 },
        { method: "getblockcount" },
      ],
      refused: [{ method: "stop", code: "role_forbids" }],
    });
    expect(full?.allowed.map(({ method }) => method)).toEqual(["getblockcount"]);
  });

  it("holds each client to its rates, and answers strangers with 401", async () => {
    const slow = await startSite(node, { ports: { policy: testPolicy(2) } });
    const codes = [];
    for (let i = 0; i < 3; i++)
      codes.push((await call(slow, "reader", "getblockcount")).json.error);
    expect(codes).toMatchObject([null, null, { code: -32_011, data: { code: "rate_exceeded" } }]);
    expect(codes[2]?.data.retry_after_ms).toBeGreaterThan(0);
    expect((await call(slow, "hot", "getblockcount")).status).toBe(200);
    const stranger = await exchange(
      slow.url,
      requestText("{}", { headers: { Authorization: null } }),
    );
    expect(stranger).toMatch(/^HTTP\/1.1 401 .*www-authenticate: Basic realm="jsonrpc"/is);
    expect(slow.log.at(-1)?.code).toBe("unauthenticated");
    await slow.close();
  });

  it("pays for one client while another holds every turn that it can have", async () => {
    const proxy = await startRpcProxy({
      url: `${node.url}/wallet/hot`,
      cookieFile: node.cookieFile,
    });
    const limits = { max_at_node: 4, max_at_node_per_client: 2, max_waiting_per_client: 5 };
    const busy = await startSite({ ...node, url: proxy.url }, { config: { limits } });
    proxy.use(async (exchange_) => {
      if (exchange_.calls.some(({ method }) => method === "waitfornewblock"))
        return hanging(exchange_);
      const { status, body } = await exchange_.forward();
      exchange_.response.writeHead(status).end(body);
    });
    const flood = Array.from({ length: 20 }, () =>
      call(busy, "reader", "waitfornewblock").catch(() => undefined),
    );
    await expect
      .poll(() => busy.log.filter(({ code }) => code === "busy").length, { timeout: 30_000 })
      .toBe(13);
    expect((await call(busy, "hot", "getblockcount")).json.result).toBe(115);
    expect(
      (await call(busy, "hot", "sendtoaddress", [to, 0.01], { "shield-payment-id": "busy" }))
        .status,
    ).toBe(200);
    await busy.close();
    await proxy.close();
    await Promise.all(flood);
  });
});
