/** The service over real nodes. */
import {
  connect,
  disconnect,
  hasLitecoind,
  type RegtestNode,
  startNode,
} from "@dgb-shield/testkit/litecoind";
import { afterEach, describe, expect, it } from "vitest";
import type { Service } from "../../../src/service/service.js";
import { deploy, type Deployment, paymentRequest, until, WALLET } from "../../support/service.js";

const ANN = { operator: "ann", key_id: "k-ann" };
const nodes: RegtestNode[] = [];
const running: { service: Service; deployment: Deployment }[] = [];
afterEach(async () => {
  for (const { service, deployment } of running.splice(0)) {
    await service.close();
    deployment.remove();
  }
  for (const node of nodes.splice(0)) await node.remove();
});

async function startNodes(count: number): Promise<RegtestNode[]> {
  const started = [];
  for (let i = 0; i < count; i++) {
    const node = await startNode();
    nodes.push(node);
    started.push(node);
    await node.rpc("createwallet", "w");
  }
  const [first, ...others] = started;
  if (first === undefined) return [];
  for (const other of others) await connect(first, other);
  await mine(first, 10);
  for (const other of others) await reaches(other, 10);
  return started;
}

const mine = async (node: RegtestNode, blocks: number) =>
  node.rpc("generatetoaddress", blocks, await node.rpc("getnewaddress"));

const reaches = (node: RegtestNode, height: number) =>
  until(
    () => node.rpc("getblockcount"),
    (count) => count === height,
  );

async function serve(watched: readonly RegtestNode[]) {
  const deployment = await deploy({
    nodes: watched.map(({ url, cookieFile }, i) => ({
      ...{ node_id: `node-${i + 1}`, url, auth: { cookie_file: cookieFile } },
    })),
    min_fresh_nodes: Math.floor(watched.length / 2) + 1,
  });
  const service = await deployment.start();
  running.push({ service, deployment });
  return { service, deployment };
}

const isState = (state: string) => (status: { state: string }) => status.state === state;

describe.skipIf(!hasLitecoind())("the service over real nodes", { timeout: 120_000 }, () => {
  it("pays, stops where the nodes are split, and pays again once the incident is released", async () => {
    const [a, b] = await startNodes(2);
    if (a === undefined || b === undefined) throw new Error("no nodes");
    const { service, deployment } = await serve([a, b]);
    await until(service.status, isState("open"));
    const allowed = await service.decide(paymentRequest());
    expect(allowed).toMatchObject({ final: "ALLOW", next: "claim", enforced: true });
    await disconnect(a);
    await mine(a, 8);
    await mine(b, 7);
    const stopped = await until(service.status, isState("stopped"));
    expect(stopped.summary).toMatch(/^Do not pay out: /);
    expect(await service.decide(paymentRequest())).toMatchObject({ final: "REFUSED" });
    // What was allowed before the split, and not yet claimed, is held back as well.
    expect((await service.claim(allowed.payment_id, { signer_id: "s" })).decision).not.toBe(
      "ALLOW",
    );
    const branches = (await service.chain())?.branches ?? [];
    // The longer one comes first, as far as it was read until now.
    expect(branches.map((branch) => branch.nodes.map(({ node_id }) => node_id)).sort()).toEqual([
      ["node-1"],
      ["node-2"],
    ]);
    await connect(a, b);
    await reaches(b, 18);
    const open = async () => {
      for (const { incident_id, level } of await service.incidents()) {
        if (level === "high" || level === "critical")
          await service.releaseIncident(incident_id, "the nodes agree again", ANN);
      }
      const status = await service.status();
      if (status.state === "restricted") await service.unfreeze("wallet", WALLET, "released", ANN);
      return status;
    };
    await until(open, isState("open"), 60_000);
    expect(await service.decide(paymentRequest())).toMatchObject({ final: "ALLOW" });
    expect(deployment.logged.filter((line) => line.startsWith("error"))).toEqual([]);
  });

  it("pays on while one of three nodes is restarted", async () => {
    const [a, b, c] = await startNodes(3);
    if (a === undefined || b === undefined || c === undefined) throw new Error("no nodes");
    const { service } = await serve([a, b, c]);
    await until(service.status, isState("open"));
    await c.end();
    const silent = (status: { sources: readonly { node_id: string; fresh: boolean }[] }) =>
      status.sources.some(({ node_id, fresh }) => node_id === "node-3" && !fresh);
    await until(service.status, silent);
    for (let i = 0; i < 5; i++) {
      expect(await service.decide(paymentRequest())).toMatchObject({ final: "ALLOW" });
      await mine(a, 1);
    }
    await c.start();
    await connect(a, c);
    await until(service.status, (status) => !silent(status));
    expect(await service.decide(paymentRequest())).toMatchObject({ final: "ALLOW" });
  });

  it("is no incident where it is restarted, whether the node went on meanwhile or not", async () => {
    const [a] = await startNodes(1);
    if (a === undefined) throw new Error("no node");
    const { service, deployment } = await serve([a]);
    await until(service.status, isState("open"));
    let current = service;
    for (const blocks of [0, 3, 30]) {
      await current.close();
      if (blocks > 0) await mine(a, blocks);
      current = await deployment.start();
      const again = { service: current, deployment };
      running.splice(0, 1, again);
      const found: string[] = [];
      const began = performance.now();
      const look = async () => {
        const incidents = await current.incidents();
        found.push(...incidents.map(({ cause, summary }) => `${cause}: ${summary}`));
        return (await current.status()).state === "open" && performance.now() - began > 5_000;
      };
      await until(look, Boolean);
      expect([blocks, [...new Set(found)]]).toEqual([blocks, []]);
    }
  });

  it("is blind once its only node does not answer, and pays nothing", async () => {
    const [a] = await startNodes(1);
    if (a === undefined) throw new Error("no node");
    const { service } = await serve([a]);
    await until(service.status, isState("open"));
    await a.end("SIGKILL");
    const blind = await until(service.status, isState("blind"));
    expect(blind.cause?.code).toBe("own_node_stale");
    expect(await service.decide(paymentRequest())).toMatchObject({
      ...{ final: "REFUSED", next: "retry", veto: "own_node_stale" },
    });
    expect((await service.readiness()).ready).toBe(false);
  });
});
