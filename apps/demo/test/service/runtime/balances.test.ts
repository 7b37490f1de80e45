/** The balance of a wallet proven by a real node, against callers that state anything else. */
import { hasLitecoind, type RegtestNode, startNode } from "@dgb-shield/testkit/litecoind";
import { afterEach, describe, expect, it } from "vitest";
import type { Service } from "../../../src/service/service.js";
import { deploy, type Deployment, paymentRequest, until, WALLET } from "../../support/service.js";

const ended: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

type Site = Readonly<{ node: RegtestNode; deployment: Deployment; start(): Promise<Service> }>;

/** A node whose wallet `w` holds 50 coins that can be spent, and a service that asks it. */
async function siteOf(): Promise<Site> {
  const node = await startNode();
  ended.push(() => node.remove());
  await node.rpc("createwallet", "w");
  const address = await node.rpc("getnewaddress");
  await node.rpc("generatetoaddress", 1, address);
  // To a script of no one, so that nothing else matures.
  await node.rpc("generatetodescriptor", 100, "raw(51)");
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
    await node.rpc("unloadwallet", "w");
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
