/** The gateway between a program that knows nothing of it and a real node, with the whole pipeline as its hook. */
import { randomBytes } from "node:crypto";
import { parsePolicy } from "@dgb-shield/wallet-guardian";
import { hashPassword } from "@dgb-shield/rpc-gateway/server";
import {
  connect,
  disconnect,
  hasLitecoind,
  type RegtestNode,
  startNode,
} from "@dgb-shield/testkit/litecoind";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningGateway, startGateway } from "../../src/gateway/start-gateway.js";
import type { ServiceGateway } from "../../src/service/config/service-config.js";
import type { Service } from "../../src/service/service.js";
import { deploy, type Deployment, until } from "../support/service.js";

const ANN = { operator: "ann", key_id: "k-ann" };
const PASSWORD = randomBytes(24).toString("hex");
const WALLET = "hot";

type Reply = { result: unknown; error: { code: number; message: string } | null };

describe.skipIf(!hasLitecoind())("the gateway with the pipeline", { timeout: 180_000 }, () => {
  const nodes: RegtestNode[] = [];
  let deployment: Deployment;
  let service: Service;
  let gateway: RunningGateway;
  let settings: ServiceGateway;
  const lines: string[] = [];

  beforeAll(async () => {
    for (let i = 0; i < 2; i++) {
      const node = await startNode({ args: ["-fallbackfee=0.0001", "-vbparams=mweb:-2:0"] });
      nodes.push(node);
      await node.rpc("createwallet", "w");
    }
    const [a, b] = nodes as [RegtestNode, RegtestNode];
    await connect(a, b);
    await mine(a, 110);
    await until(
      () => b.rpc("getblockcount"),
      (count) => count === 110,
    );
    const cold = (await b.rpc("getnewaddress")) as string;
    const watched = nodes.map(({ url, cookieFile }, i) => ({
      ...{ node_id: `node-${i + 1}`, url, auth: { cookie_file: cookieFile } },
    }));
    settings = {
      ...{
        host: "127.0.0.1",
        private_network: false,
        port: 0,
        unannounced: "decide",
        default_wallet_id: WALLET,
      },
      ...{ wallet_ids: {}, fee_reserve: 1_000_000n, behaviour_score: 1, trusted_device: true },
      node: watched[0] as ServiceGateway["node"],
      proxy: {
        clients: [
          {
            ...{ name: "backend", role: "spender", wallets: ["w"] },
            password_sha256: hashPassword(PASSWORD, randomBytes(16)),
          },
        ],
        internal: [{ class: "cold", address: cold }],
        evacuation: { nonce_reuse: ["cold"] },
      },
      methods: {},
      evacuation_approvals: 2,
    };
    deployment = await deploy({
      ...{ nodes: watched, min_fresh_nodes: 2, gateway: settings },
      guardian: parsePolicy({
        ...{ max_per_tx: "100", max_24h: "200", claim: "explicit", max_fee: "1" },
        // Blocks that come at once raise the risk: here a breach of a limit freezes nothing.
        table: {
          daily_limit: { LOW: "DELAY", MEDIUM: "DELAY", HIGH: "DELAY" },
          per_tx_limit: { LOW: "REJECT", MEDIUM: "REJECT", HIGH: "REJECT" },
        },
      }),
    });
    service = await deployment.start();
    await until(
      () => service.status(),
      ({ state }) => state === "open",
    );
    gateway = await startGateway({
      config: { ...deployment.config, gateway: settings },
      service,
      log: (level, text, facts) => lines.push(`${level} ${text} ${JSON.stringify(facts)}`),
    });
  });
  afterAll(async () => {
    await gateway.close();
    await service.close();
    deployment.remove();
    for (const node of nodes) await node.remove();
  });

  const mine = async (node: RegtestNode, blocks: number) =>
    node.rpc("generatetoaddress", blocks, await node.rpc("getnewaddress"));

  let ids = 0;
  async function call(method: string, params: unknown, headers: Record<string, string> = {}) {
    const credentials = Buffer.from(`backend:${PASSWORD}`).toString("base64");
    const response = await fetch(gateway.address, {
      method: "POST",
      headers: {
        authorization: `Basic ${credentials}`,
        "shield-payment-id": `p-${++ids}`,
        ...headers,
      },
      body: JSON.stringify({ id: 1, method, params }),
    });
    return (await response.json()) as Reply;
  }
  const [first, second] = [() => nodes[0] as RegtestNode, () => nodes[1] as RegtestNode];
  const outside = async () => (await second().rpc("getnewaddress")) as string;

  it("reads through it, and pays within the limits: the ledger has transaction and fee", async () => {
    expect((await call("getblockcount", [])).result).toBe(110);
    const { result: txid } = await call("sendtoaddress", [await outside(), 10]);
    expect(txid).toMatch(/^[0-9a-f]{64}$/);
    expect(await service.payments({ limit: 10 })).toMatchObject({ payments: [] });
    const records = await service.records(0, 1_000);
    expect(JSON.stringify(records)).toContain(String(txid));
    await mine(first(), 1);
  });

  it("refuses beyond a limit with a code, and nothing reaches the node", async () => {
    const before = await first().rpc("getwalletinfo");
    const large = await call("sendtoaddress", [await outside(), 101]);
    expect(large.error?.message).toContain("per_tx_limit");
    const after = await first().rpc("getwalletinfo");
    expect((after as { txcount: number }).txcount).toBe((before as { txcount: number }).txcount);
  });

  it("pays a payment once, however often it is sent", async () => {
    const address = await outside();
    const id = { "shield-payment-id": "order-17" };
    const replies = await Promise.all([1, 2, 3].map(() => call("sendtoaddress", [address, 1], id)));
    const paid = new Set(replies.flatMap(({ error, result }) => (error === null ? [result] : [])));
    const again = await call("sendtoaddress", [address, 1], id);
    expect(again).toMatchObject({ error: null });
    expect(again.result).toMatch(/^[0-9a-f]{64}$/);
    paid.add(again.result);
    expect(paid.size).toBe(1);
    const other = await call("sendtoaddress", [address, 2], id);
    expect(other.error?.message).toContain("content_changed");
    await mine(first(), 1);
  });

  it("stops while the wallet is frozen, and pays again once that is lifted", async () => {
    await service.freeze("wallet", WALLET, "looked at", ANN);
    const frozen = await call("sendtoaddress", [await outside(), 1]);
    expect(frozen.error?.message).toContain("wallet_frozen");
    const found = await service.freezes({ limit: 10 });
    for (const { cause_id } of found.accepted ? found.freezes : []) {
      await service.unfreeze("cause", cause_id, "understood", ANN);
    }
    expect((await call("sendtoaddress", [await outside(), 1])).error).toBeNull();
    await mine(first(), 1);
  });

  it("refuses what a day's limit does not leave room for, of all payments together", async () => {
    expect((await call("sendtoaddress", [await outside(), 95])).error).toBeNull();
    const daily = await call("sendmany", ["", { [await outside()]: 60, [await outside()]: 39 }]);
    expect(daily.error?.message).toContain("daily_limit");
  });

  it("sends an evacuation once although its gateway ended between sending and recording", async () => {
    const cold = settings.proxy.internal?.[0];
    const address = cold !== undefined && "address" in cold ? cold.address : "";
    const id = { "shield-payment-id": "evacuation-1" };
    const lockedDown = {
      ...service,
      defense: async () => ({ ...(await service.defense()), lockdown: "FULL" as const }),
      incidents: async () => [{ cause: "nonce_reuse", severity: 0.9 } as never],
    };
    let isGone = false;
    let end = (): void => undefined;
    const gone = new Promise<void>((resolve) => (end = resolve));
    const dying = {
      ...lockedDown,
      commit: async (...args: Parameters<Service["commit"]>) => {
        isGone = true;
        await gone;
        return service.commit(...args);
      },
    };
    const config = { ...deployment.config, gateway: settings };
    const start = (of: typeof lockedDown) =>
      startGateway({ config, service: of, log: () => undefined });
    const [usual, before] = [gateway, await start(dying)];
    gateway = before;
    const asked = await call("sendtoaddress", [address, 101], id);
    const binds = /binds ([0-9a-f]{64})/.exec(asked.error?.message ?? "")?.[1] ?? "";
    for (const operator of ["ann", "ben"]) {
      await service.approve("evacuation-1", { binds }, { operator, key_id: operator });
    }
    const lost = call("sendtoaddress", [address, 101], id).catch(() => undefined);
    await until(
      () => Promise.resolve(isGone),
      (is) => is,
    );
    gateway = await start(lockedDown);
    const { txid } = (await service.payment("evacuation-1")) as { txid: string };
    expect(txid).toMatch(/^[0-9a-f]{64}$/);
    expect((await call("sendtoaddress", [address, 101], id)).result).toBe(txid);
    const sent = (await first().rpc("listtransactions", "*", 1_000)) as { comment?: string }[];
    const found = sent.filter(({ comment }) => comment === "shield:evacuation-1");
    expect(found).toMatchObject([{ txid }]);
    await gateway.close();
    end();
    await lost;
    await before.close();
    gateway = usual;
    await mine(first(), 1);
  });

  it("stops while the nodes are split, evacuations too, and reads go on", async () => {
    const height = Number(await first().rpc("getblockcount"));
    await disconnect(first());
    await mine(first(), 8);
    await mine(second(), 7);
    await until(
      () => service.status(),
      ({ state }) => state === "stopped",
    );
    const split = await call("sendtoaddress", [await outside(), 1]);
    expect(split.result ?? null).toBeNull();
    expect(split.error).not.toBeNull();
    const cold = deployment.config.gateway?.proxy.internal?.[0]?.address;
    const evacuation = await call("sendtoaddress", [cold, 1]);
    expect(evacuation.error).not.toBeNull();
    expect((await call("getblockcount", [])).result).toBe(height + 8);
    expect(lines.filter((line) => line.includes("refused")).length).toBeGreaterThan(2);
    expect(lines.join("\n")).not.toContain(PASSWORD);
  });
});
