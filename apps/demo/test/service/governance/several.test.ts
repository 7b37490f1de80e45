/** Governance of several processes on one PostgreSQL schema: proposals are shared, and carried out once. */
import { copyFileSync } from "node:fs";
import { hasLitecoind, type RegtestNode } from "@dgb-shield/testkit/litecoind";
import { litecoinRegtest } from "@dgb-shield/chain";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Proposal } from "../../../src/service/governance/view.js";
import type { Service } from "../../../src/service/service.js";
import { actorOf, type GovernedDeployment, governedDeployment } from "../../support/governed.js";
import { hasPostgres, POSTGRES_URL } from "../../support/postgres.js";
import { until, WALLET } from "../../support/service.js";
import { makeSchema, type SharedSchema } from "../../support/several.js";
import { startPair } from "../../support/split-nodes.js";

const isReady = hasLitecoind() && (await hasPostgres());

describe.skipIf(!isReady)("several governed processes", { timeout: 180_000 }, () => {
  let nodes: readonly RegtestNode[] = [];
  let shared: SharedSchema;
  const made: GovernedDeployment[] = [];
  const services: Service[] = [];
  beforeAll(async () => {
    nodes = await startPair();
    shared = await makeSchema();
    const fields = {
      ...{ chain: litecoinRegtest, recording: null, min_fresh_nodes: 1 },
      ledger: { kind: "postgres", url: POSTGRES_URL, schema: shared.schema } as const,
      nodes: nodes.map(({ url, cookieFile }, at) => ({
        ...{ node_id: `node-${at + 1}`, url, auth: { cookie_file: cookieFile } },
      })),
    };
    for (let i = 0; i < 3; i++) {
      const one = await governedDeployment(fields);
      const [first] = made;
      // Every host has the same keys.
      if (first !== undefined)
        copyFileSync(first.deployment.config.keys_file, one.deployment.config.keys_file);
      made.push(one);
      services.push(await one.start());
    }
  }, 120_000);
  afterAll(async () => {
    for (const service of services.splice(0).reverse()) await service.close();
    for (const one of made.splice(0)) one.remove();
    for (const node of nodes) await node.remove();
    await shared.drop();
  });

  const by = (name: string) => actorOf(made[0]!.keys[name]!);
  const seenBy = (service: Service, id: string): Proposal | undefined =>
    service.proposals().find(({ proposal_id }) => proposal_id === id);

  it("propose in one, approve in the others, and carry it out once", async () => {
    const [one, two, three] = services as [Service, Service, Service];
    const frozen = (await one.freeze("wallet", WALLET, "a drill", by("ann"))) as {
      cause_id: string;
    };
    const change = { kind: "unfreeze", scope: "cause", id: frozen.cause_id } as const;
    expect(await three.unfreeze("cause", frozen.cause_id, "mine", by("cleo"))).toEqual({
      governed: change,
    });
    const { proposal_id } = (await two.propose(change, "a reason", by("ann"))) as Proposal;
    // At the same moment, in two processes.
    await Promise.all([
      one.vote(proposal_id, { vote: "approve", reason: null }, by("bob")),
      three.vote(proposal_id, { vote: "approve", reason: null }, by("cleo")),
    ]);
    for (const service of services) {
      await until(
        () => Promise.resolve(seenBy(service, proposal_id)),
        (proposal) => proposal?.status === "executed",
      );
    }
    const records = (await one.records(0, 1_000)) as unknown as {
      kind: string;
      record: { action?: string };
    }[];
    const actions = records
      .filter(({ kind }) => kind === "governance")
      .map(({ record }) => record.action);
    expect(actions).toEqual([
      ...["latched", "proposed", "approved_by", "approved_by", "executing", "executed"],
    ]);
    expect(records.filter(({ kind }) => kind === "unfreeze")).toHaveLength(1);
  });

  it("accept the clock by a proposal of a process that follows, with the step of the one that watches", async () => {
    const [one, two, three] = services as [Service, Service, Service];
    expect([one, two].map((service) => service.role().watches)).toEqual([true, false]);
    const made = await two.propose({ kind: "accept_clock" }, "a drill", by("ann"));
    expect(made).toMatchObject({
      change: { kind: "accept_clock", seen: { status: "trusted", step_ms: expect.any(Number) } },
    });
    const { proposal_id } = made as Proposal;
    await three.vote(proposal_id, { vote: "approve", reason: null }, by("bob"));
    await two.vote(proposal_id, { vote: "approve", reason: null }, by("cleo"));
    await until(
      () => Promise.resolve(seenBy(three, proposal_id)?.status),
      (status) => status === "executed",
    );
    const records = (await one.records(0, 1_000)) as unknown as { kind: string }[];
    expect(records.filter(({ kind }) => kind === "clock_accepted")).toHaveLength(1);
  });

  it("reject a key everywhere that one has revoked", async () => {
    const [one, two, three] = services as [Service, Service, Service];
    const dora = by("dora").key_id;
    await two.revokeKey(dora, "it was stolen", by("ann"));
    for (const service of [one, three]) {
      await until(
        () => Promise.resolve(service.governedKeys()?.find(({ id }) => id === dora)),
        (key) => key !== undefined && key.revoked_at_ms !== null,
      );
    }
  });
});
