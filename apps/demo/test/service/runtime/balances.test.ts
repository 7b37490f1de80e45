/** The balance of a wallet proven by a real node, against callers that state anything else. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { hasLitecoind, type RegtestNode, startNode } from "@dgb-shield/testkit/litecoind";
import { afterEach, describe, expect, it } from "vitest";
import { balanceTasks } from "../../../src/cli/doctor/balance.js";
import { watchDefense } from "../../../src/gateway/defense.js";
import { openEvacuations } from "../../../src/gateway/evacuations.js";
import { createSpendHook } from "../../../src/gateway/hook.js";
import type { Service } from "../../../src/service/service.js";
import { hasPostgres } from "../../support/postgres.js";
import { deployOn, makeSchema } from "../../support/several.js";
import { deploy, type Deployment, paymentRequest, until, WALLET } from "../../support/service.js";

const ended: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

type Site = Readonly<{ node: RegtestNode; deployment: Deployment; start(): Promise<Service> }>;

/** A node whose wallet `w` holds 50 coins that can be spent. */
async function nodeWithCoins(): Promise<RegtestNode> {
  const node = await startNode();
  ended.push(() => node.remove());
  await node.rpc("createwallet", "w");
  const address = await node.rpc("getnewaddress");
  await node.rpc("generatetoaddress", 1, address);
  // To a script of no one, so that nothing else matures.
  await node.rpc("generatetodescriptor", 100, "raw(51)");
  return node;
}

/** Such a node, and a service that asks it. */
async function siteOf(): Promise<Site> {
  const node = await nodeWithCoins();
  const deployment = await deploy({
    nodes: [{ node_id: "node-1", url: node.url, auth: { cookie_file: node.cookieFile } }],
    node_wallets: new Map([[WALLET, { node_id: "node-1", wallet: "w" }]]),
  });
  ended.push(() => deployment.remove());
  const start = async () => {
    const service = await deployment.start();
    ended.push(() => service.close());
    await until(service.status, ({ state }) => state === "open");
    return service;
  };
  return { node, deployment, start };
}

const code = ({ reasons }: { reasons: readonly { code: string }[] }) =>
  reasons.map((reason) => reason.code);

describe.skipIf(!hasLitecoind())("a balance that a node proves", { timeout: 180_000 }, () => {
  it("counts against a caller that states a thousand times as much, and follows the wallet", async () => {
    const { node, start } = await siteOf();
    const service = await start();
    const honest = await service.decide(paymentRequest({ amount: "10", wallet_balance: "50" }));
    expect(honest).toMatchObject({
      final: "ALLOW",
      provenance: {
        wallet_balance: { source: "node", node_id: "node-1", stated: "50", contradicted: false },
        address_age_days: { source: "caller" },
        behaviour_score: { source: "caller" },
      },
    });
    for (const ask of [service.simulate, service.decide]) {
      const lying = await ask(paymentRequest({ amount: "60", wallet_balance: "50000" }));
      expect(lying).toMatchObject({
        final: "REFUSED",
        guard: { reason_id: "QWG_AMOUNT_EXCEEDS_BALANCE" },
        provenance: { wallet_balance: { stated: "50000", contradicted: true } },
      });
      expect(code(lying)).toContain("balance_contradicted");
    }
    // Coins that are not confirmed, and of others, are none.
    const address = await node.rpc("getnewaddress");
    await node.rpc("sendtoaddress", await node.rpc("getnewaddress"), 20);
    await node.rpc("generatetoaddress", 1, address);
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    const paid = await service.decide(paymentRequest({ amount: "26", wallet_balance: "50000" }));
    // Half of 50 less the fee, and not half of 100: what was mined just now cannot be spent.
    expect(paid.guard.reason_id).toBe("QWG_RATIO_NORMAL");
  });

  it("is missing while the wallet is not loaded, the node has ended or is killed; a restart changes nothing", async () => {
    const { node, deployment, start } = await siteOf();
    const service = await start();
    const ask = (of: Service) => of.decide(paymentRequest({ wallet_balance: "50000" }));
    const missing = (answer: { veto: unknown }) => answer.veto === "balance_unavailable";
    const examined = async () => (await balanceTasks(deployment.config)[0]?.run())?.status;
    expect(await examined()).toBe("ok");
    await node.rpc("unloadwallet", "w");
    expect(await examined()).toBe("fail");
    const unloaded = await until(() => ask(service), missing);
    expect(unloaded).toMatchObject({ final: "REFUSED", next: "retry" });
    expect(code(unloaded)[0]).toBe("balance_unavailable");
    const held = await until(service.status, ({ state }) => state === "restricted");
    expect(held.cause?.code).toBe("balance_unavailable");
    await node.rpc("loadwallet", "w");
    await until(
      () => ask(service),
      ({ final }) => final === "ALLOW",
    );
    await node.end();
    const gone = await until(
      () => ask(service),
      ({ final }) => final === "REFUSED",
    );
    expect(["balance_unavailable", "own_node_stale"]).toContain(gone.veto);
    await node.start({ args: ["-wallet=w"] });
    await until(
      () => ask(service),
      ({ final }) => final === "ALLOW",
      60_000,
    );
    await service.close();
    const again = await deployment.start();
    ended.push(() => again.close());
    await until(again.status, ({ state }) => state === "open");
    expect(await ask(again)).toMatchObject({
      final: "ALLOW",
      provenance: { wallet_balance: { source: "node", contradicted: true } },
    });
    await node.end("SIGKILL");
    const killed = await until(
      () => ask(again),
      ({ final }) => final === "REFUSED",
    );
    expect(["balance_unavailable", "own_node_stale"]).toContain(killed.veto);
  });
});

const COIN = 100_000_000n;
const withPostgres = await hasPostgres();

/** The gateway's hook on a service; the balance that it states is one stated by the caller. */
const hookOn = (service: Service, folder: string) =>
  createSpendHook({
    payments: service,
    defense: watchDefense(service, { monotonic: () => 0, max_age_ms: 1 }),
    terms: {
      ...{ wallet_ids: { w: WALLET }, default_wallet_id: WALLET, fee_reserve: COIN / 100n },
      ...{ behaviour_score: 1, trusted_device: true },
    },
    unannounced: "decide",
    evacuation: { classes: {}, approvals: 2 },
    evacuations: openEvacuations(join(folder, "evacuations.json")),
    nowMs: Date.now,
    wallets: ["w"],
    balanceOf: () => Promise.resolve(1_000_000n * COIN),
    newId: () => `made-${randomUUID()}`,
    scriptOf: () => null,
    txidOf: () => null,
  });

describe.skipIf(!hasLitecoind() || !withPostgres)(
  "proven facts on a PostgreSQL ledger",
  { timeout: 180_000 },
  () => {
    it("count in every process, and through the gateway's hook", async () => {
      const node = await nodeWithCoins();
      const shared = await makeSchema();
      ended.push(shared.drop);
      const services: Service[] = [];
      for (let i = 0; i < 2; i++) {
        const deployment = await deployOn(shared, [node], {
          node_wallets: new Map([[WALLET, { node_id: "node-1", wallet: "w" }]]),
          behaviour: "ledger",
        });
        ended.push(deployment.remove);
        const service = await deployment.start();
        ended.push(service.close);
        services.push(service);
        await until(service.status, ({ state }) => state === "open");
        const lying = { amount: "60", wallet_balance: "50000", behaviour_score: 0 };
        expect(await service.decide(paymentRequest(lying))).toMatchObject({
          final: "REFUSED",
          guard: { reason_id: "QWG_AMOUNT_EXCEEDS_BALANCE" },
          provenance: {
            wallet_balance: { source: "node", contradicted: true },
            behaviour_score: { source: "ledger", stated: 0, contradicted: true },
          },
        });
        const hook = hookOn(service, deployment.config.data_dir);
        const address = (await node.rpc("getnewaddress")) as string;
        const { scriptPubKey: script } = (await node.rpc("getaddressinfo", address)) as {
          scriptPubKey: string;
        };
        const spend = (coins: bigint) =>
          hook.authorizeSpend({
            ...{ method: "sendtoaddress", wallet: "w", client: "backend", internal: [] },
            ...{ payouts: [{ address, script, amount: coins * COIN }], fee: { kind: "reserve" } },
            ...{ inputs: null, replaces: [], payment_id: null, transaction: null },
          });
        expect(await spend(60n)).toMatchObject({
          allow: false,
          code: "QWG_AMOUNT_EXCEEDS_BALANCE",
        });
        expect(await spend(5n)).toMatchObject({ allow: true });
      }
      expect(services).toHaveLength(2);
    });
  },
);
