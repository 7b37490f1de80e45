/** Several services on one PostgreSQL schema over real nodes: one watches, all decide (decision 42). */
import { connect, hasLitecoind, type RegtestNode } from "@dgb-shield/testkit/litecoind";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Service } from "../../../src/service/service.js";
import { parsePolicy } from "@dgb-shield/wallet-guardian";
import { hasPostgres } from "../../support/postgres.js";
import { type Deployment, paymentRequest, until, WALLET } from "../../support/service.js";
import { deployOn, makeSchema, type SharedSchema } from "../../support/several.js";
import { reaches, split, startPair } from "../../support/split-nodes.js";

const ANN = { operator: "ann", key_id: "k-ann" };
const isReady = hasLitecoind() && (await hasPostgres());
const isState = (state: string) => (status: { state: string }) => status.state === state;

describe.skipIf(!isReady)("several services on one schema", { timeout: 180_000 }, () => {
  let nodes: readonly [RegtestNode, RegtestNode];
  beforeAll(async () => {
    nodes = await startPair();
  }, 60_000);
  afterAll(async () => {
    for (const node of nodes) await node.remove();
  });

  let shared: SharedSchema;
  const running: { service: Service; deployment: Deployment }[] = [];
  beforeEach(async () => {
    shared = await makeSchema();
  });
  afterEach(async () => {
    for (const { service, deployment } of running.splice(0).reverse()) {
      await service.close();
      deployment.remove();
    }
    await shared.drop();
  });

  async function serve(count: number, fields: Parameters<typeof deployOn>[2] = {}) {
    const services: Service[] = [];
    for (let i = 0; i < count; i++) {
      const deployment = await deployOn(shared, nodes, fields);
      const service = await deployment.start();
      running.push({ service, deployment });
      services.push(service);
    }
    for (const service of services) await until(service.status, isState("open"));
    return services as [Service, Service, Service];
  }

  it("watch in one, decide in all against one limit, and go on where the one ends", async () => {
    const policy = { max_24h: "100", cooldown_seconds: 0, claim: "explicit" as const };
    const services = await serve(3, { guardian: parsePolicy(policy) });
    expect(services.map((one) => one.role().watches)).toEqual([true, false, false]);
    expect(services[1].role().watcher).toMatch(/:/);
    const half = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        (services[i % 3] ?? services[0]).decide(paymentRequest()),
      ),
    );
    expect(half.map(({ final }) => final)).toEqual(half.map(() => "ALLOW"));
    await running.shift()?.service.close();
    const others = services.slice(1);
    const watching = () => Promise.resolve(others.filter((one) => one.role().watches).length);
    await until(watching, (count) => count === 1);
    for (const service of others) await until(service.status, isState("open"));
    const rest = await Promise.all(
      Array.from({ length: 12 }, (_, i) => (others[i % 2] ?? services[1]).decide(paymentRequest())),
    );
    const allowed = rest.filter(({ final }) => final === "ALLOW");
    expect(allowed).toHaveLength(4);
    // Beyond the limit, at low risk, and nothing froze while another process took over.
    expect((await others[0]?.freezes({}))?.accepted).toBe(true);
    const beyond = rest.filter(({ final }) => final !== "ALLOW");
    expect(new Set(beyond.map(({ guardian }) => guardian.decision))).toEqual(new Set(["DELAY"]));
  });

  it("refuse everywhere what one has seen, and take orders anywhere", async () => {
    const [watcher, follower, third] = await serve(3);
    const allowed = await follower.decide(paymentRequest());
    expect(allowed.final).toBe("ALLOW");
    await split(...nodes);
    await until(watcher.status, isState("stopped"));
    // What the watching process knows is known to the ledger a moment later.
    await until(follower.status, isState("stopped"), 5_000);
    expect(await third.decide(paymentRequest())).toMatchObject({ final: "REFUSED" });
    expect((await third.claim(allowed.payment_id, { signer_id: "s" })).decision).not.toBe("ALLOW");
    expect((await follower.chain())?.branches).toHaveLength(2);
    expect((await follower.incidents()).length).toBeGreaterThan(0);
    await connect(nodes[0], nodes[1]);
    await reaches(nodes[1], 18);
    expect(await follower.releaseIncident("none-1", "nothing of this name", ANN)).toEqual({
      missing: true,
    });
    expect(await third.acceptClock("compared with another one", ANN)).toEqual({
      ...{ accepted: true, refused_by: [] },
    });
    const open = async () => {
      for (const { incident_id, level } of await follower.incidents()) {
        if (level === "high" || level === "critical")
          await follower.releaseIncident(incident_id, "the nodes agree again", ANN);
      }
      const status = await third.status();
      if (status.state === "restricted") await third.unfreeze("wallet", WALLET, "released", ANN);
      return status;
    };
    await until(open, isState("open"), 90_000);
    for (const service of [watcher, follower, third]) {
      await until(service.status, isState("open"));
      expect(await service.decide(paymentRequest())).toMatchObject({ final: "ALLOW" });
    }
    const { rows } = await shared.pool.query(
      `SELECT count(*)::int AS n FROM ${shared.schema}.service_orders`,
    );
    expect(rows).toEqual([{ n: 0 }]);
  });

  it("refuse a decision during which the evidence changed, and rely on none that is old", async () => {
    const [, follower] = await serve(2);
    const holder = await shared.pool.connect();
    const { schema } = shared;
    await follower.decide(paymentRequest());
    await holder.query(
      `BEGIN; SELECT FROM ${schema}.locks WHERE key = 'wallet:${WALLET}' FOR UPDATE`,
    );
    const waiting = follower.decide(paymentRequest());
    const isWaiting = async () => {
      const { rows } = await shared.pool.query<{ n: number }>(
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1",
        [`%"${schema}"%`],
      );
      return rows[0]?.n ?? 0;
    };
    await until(isWaiting, (n) => n > 0);
    // The lease is another's, which writes nothing.
    await shared.pool.query(
      `UPDATE ${schema}.service_lease SET owner = 'nothing', name = 'elsewhere:1', ends_at = 'infinity';
       UPDATE ${schema}.service_evidence SET generation = generation + 1`,
    );
    await holder.query("COMMIT");
    holder.release();
    expect(await waiting).toMatchObject({
      ...{ final: "REFUSED", veto: "evidence_changed", next: "retry", recorded: true },
    });
    for (const { service } of running) {
      await until(
        () => Promise.resolve(service.role()),
        ({ watches, watcher }) => !watches && watcher === "elsewhere:1",
      );
      const blind = await until(service.status, isState("blind"));
      expect(blind.cause?.code).toBe("own_node_stale");
      expect(await service.decide(paymentRequest())).toMatchObject({
        ...{ final: "REFUSED", veto: "own_node_stale" },
      });
    }
    expect(await follower.acceptClock("nothing answers", ANN)).toEqual({
      ...{ not_done: "watcher_unavailable", watcher: "elsewhere:1" },
    });
    // What ends is taken over by the next one, beyond every number before.
    await shared.pool.query(
      `UPDATE ${schema}.service_lease SET ends_at = now() - interval '1 second'`,
    );
    for (const { service } of running) await until(service.status, isState("open"));
    expect(await follower.decide(paymentRequest())).toMatchObject({ final: "ALLOW" });
  });

  it("refuse where a process is configured with other nodes than are watched", async () => {
    await serve(1);
    const deployment = await deployOn(shared, [nodes[0]]);
    const service = await deployment.start();
    running.push({ service, deployment });
    const answer = await service.decide(paymentRequest());
    expect(answer.final).toBe("REFUSED");
    expect(answer.recorded).toBe(false);
  });
});
