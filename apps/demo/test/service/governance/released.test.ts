/** Proposals that release something, over a running service: what was refused before passes after, and not earlier. */
import { litecoinRegtest } from "@dgb-shield/chain";
import type { JsonObject } from "@dgb-shield/contract";
import { connect, disconnect, hasLitecoind, type RegtestNode } from "@dgb-shield/testkit/litecoind";
import { digibyteRegtest } from "@dgb-shield/chain";
import { parsePolicy } from "@dgb-shield/wallet-guardian";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { Change } from "../../../src/service/governance/change.js";
import type { Proposal } from "../../../src/service/governance/view.js";
import type { Service } from "../../../src/service/service.js";
import { addressNo } from "../../support/addresses.js";
import { actorOf, type GovernedDeployment, governedDeployment } from "../../support/governed.js";
import { paymentRequest, until, WALLET } from "../../support/service.js";
import { reaches, split, startPair } from "../../support/split-nodes.js";

const ADDRESS = addressNo(digibyteRegtest, 17);
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function running(fields: Parameters<typeof governedDeployment>[0] = {}) {
  const governed = await governedDeployment(fields);
  const service = await governed.start();
  ends.push(governed.remove, service.close);
  return { governed, service };
}

/** Proposes a change and has two others approve it. */
async function carriedOut(
  service: Service,
  { keys }: GovernedDeployment,
  change: Change,
): Promise<Proposal> {
  const by = (name: string) => actorOf(keys[name]!);
  const made = await service.propose(change, "a reason", by("ann"));
  expect(made).toHaveProperty("proposal_id");
  const { proposal_id } = made as Proposal;
  const approve = (name: string) =>
    service.vote(proposal_id, { vote: "approve", reason: null }, by(name));
  expect(await approve("bob")).toMatchObject({ status: "open", approvals: 1 });
  return (await approve("cleo")) as Proposal;
}

const recordsOf = async (service: Service, kind: string): Promise<JsonObject[]> =>
  ((await service.records(0, 1_000)) as unknown as { kind: string; record: JsonObject }[])
    .filter((one) => one.kind === kind)
    .map(({ record }) => record);

describe("a claimed payment", () => {
  const full = parsePolicy({
    ...{ name: "full", max_per_tx: "500", max_24h: "500", cooldown_seconds: 0 },
    ...{ claim: "explicit", allow_valid_seconds: 1 },
  });

  it("gives its room back by a proposal, once, and not by its wallet's key", async () => {
    const { governed, service } = await running({ guardian: full });
    const first = paymentRequest({ amount: "500" });
    expect((await service.decide(first)).final).toBe("ALLOW");
    const payment_id = first.withdrawal_id;
    expect(await service.claim(payment_id, { signer_id: "s" })).toMatchObject({
      decision: "ALLOW",
    });
    const next = paymentRequest({ amount: "500" });
    expect((await service.decide(next)).final).toBe("REFUSED");
    const order = { reason: "not signed", signer_id: "s", not_executed: true as const };
    expect(await service.release(payment_id, order)).toEqual({
      governed: { kind: "release_payment", payment_id },
    });
    const change = { kind: "release_payment", payment_id } as const;
    const done = await carriedOut(service, governed, change);
    // While the claim permits signing it waits.
    const after = await until(
      () => Promise.resolve(service.proposals()[0]),
      (one) => one?.status !== "executing",
    );
    expect(after).toMatchObject({ status: "executed", outcome: { code: "done" } });
    expect(await recordsOf(service, "release")).toMatchObject([
      { withdrawal_id: payment_id, operator: `proposal:${done.proposal_id}` },
    ]);
    expect(await service.payment(payment_id)).toMatchObject({ status: "released" });
    expect((await service.decide(next)).final).toBe("ALLOW");
    // It is no longer claimed: there is nothing to release once more.
    const by = actorOf(governed.keys["ann"]!);
    expect(await service.propose(change, "again", by)).toMatchObject({
      refused: "nothing_to_change",
    });
  });

  it("that is committed between the approvals stays, and its proposal is stale", async () => {
    const { governed, service } = await running({ guardian: full });
    const paid = paymentRequest({ amount: "500" });
    await service.decide(paid);
    const payment_id = paid.withdrawal_id;
    await service.claim(payment_id, { signer_id: "s" });
    const by = (name: string) => actorOf(governed.keys[name]!);
    const change = { kind: "release_payment", payment_id } as const;
    const { proposal_id } = (await service.propose(change, "lost", by("ann"))) as Proposal;
    const approve = (name: string) =>
      service.vote(proposal_id, { vote: "approve", reason: null }, by(name));
    await approve("bob");
    await service.commit(payment_id, { txid: "ab".repeat(32) });
    expect(await approve("cleo")).toMatchObject({ status: "stale", outcome: { code: "stale" } });
    expect(await service.payment(payment_id)).toMatchObject({ status: "committed" });
    expect((await service.decide(paymentRequest({ amount: "1" }))).final).toBe("REFUSED");
  });
});

describe("a destination", () => {
  it("waits until a proposal approves it, and is paid at once from then on, for its owner alone", async () => {
    const guardian = parsePolicy({
      ...{ max_per_tx: "500", new_destination_seconds: 86_400, cooldown_seconds: 0 },
      claim: "explicit",
    });
    const { governed, service } = await running({ guardian });
    const payTo = (account_id: string) =>
      paymentRequest({
        ...{ account_id, amount: "1", max_fee: "0" },
        destinations: [{ address: ADDRESS, amount: "1" }],
      });
    const codesOf = async (account_id: string) =>
      (await service.decide(payTo(account_id))).reasons.map(({ code }) => code);
    expect(await codesOf("alice")).toContain("new_destination");
    const change = { kind: "approve_destination", account_id: "alice", address: ADDRESS } as const;
    const by = actorOf(governed.keys["ann"]!);
    const target = { account_id: "alice", address: ADDRESS };
    expect(await service.approveDestination(target, "known", by)).toEqual({ governed: change });
    expect(await codesOf("alice")).toContain("new_destination");
    const done = await carriedOut(service, governed, change);
    expect(done.status).toBe("executed");
    expect((await service.decide(payTo("alice"))).final).toBe("ALLOW");
    expect(await codesOf("bert")).toContain("new_destination");
    expect(await recordsOf(service, "destination")).toContainEqual(
      expect.objectContaining({ approved: true, operator: `proposal:${done.proposal_id}` }),
    );
  });

  it("that is no address of the chain fails, and says so", async () => {
    const { governed, service } = await running();
    const change = {
      kind: "approve_destination",
      account_id: "alice",
      address: "nowhere",
    } as const;
    expect(await carriedOut(service, governed, change)).toMatchObject({
      ...{ status: "failed", outcome: { code: "destination_unreadable" } },
    });
  });
});

describe.skipIf(!hasLitecoind())("a live incident", { timeout: 180_000 }, () => {
  const nodes: RegtestNode[] = [];
  afterAll(async () => {
    for (const node of nodes.splice(0)) await node.remove();
  });

  it("of real nodes is released by proposals alone, and payments go on", async () => {
    const [a, b] = await startPair();
    nodes.push(a, b);
    const { governed, service } = await running({
      ...{ chain: litecoinRegtest, recording: null, min_fresh_nodes: 2 },
      nodes: nodes.map(({ url, cookieFile }, at) => ({
        ...{ node_id: `node-${at + 1}`, url, auth: { cookie_file: cookieFile } },
      })),
    });
    const isState = (state: string) => (status: { state: string }) => status.state === state;
    await until(service.status, isState("open"));
    await split(a, b);
    await until(service.status, isState("stopped"));
    // A request at high risk freezes its wallet: the release lifts that as well.
    expect((await service.decide(paymentRequest())).final).toBe("REFUSED");
    await disconnect(a);
    await connect(a, b);
    await reaches(b, 18);
    const isSevere = ({ level }: { level: string }) => level === "high" || level === "critical";
    const severe = async () => (await service.incidents()).filter(isSevere);
    const [{ incident_id } = { incident_id: "" }] = await severe();
    const by = actorOf(governed.keys["ann"]!);
    expect(await service.releaseIncident(incident_id, "mine alone", by)).toEqual({
      governed: { kind: "release_incident", incident_id },
    });
    expect((await severe()).map((one) => one.incident_id)).toContain(incident_id);
    const outcomes: string[] = [];
    const opened = async () => {
      for (const one of await severe()) {
        const change = { kind: "release_incident", incident_id: one.incident_id } as const;
        const made = await service.propose(change, "the nodes agree again", by);
        if ("refused" in made) continue;
        for (const name of ["bob", "cleo"]) {
          const actor = actorOf(governed.keys[name]!);
          await service.vote(made.proposal_id, { vote: "approve", reason: null }, actor);
        }
        const after = service.proposals().find((p) => p.proposal_id === made.proposal_id);
        outcomes.push(after?.status ?? "gone");
      }
      return service.status();
    };
    await until(opened, isState("open"), 90_000);
    expect(outcomes).toContain("executed");
    // An incident that grew meanwhile is no incident that was approved; nothing else ends a proposal here.
    expect(outcomes.filter((one) => one !== "executed" && one !== "stale")).toEqual([]);
    expect(await service.decide(paymentRequest())).toMatchObject({ final: "ALLOW" });
    const lifted = await recordsOf(service, "unfreeze");
    expect(lifted.map(({ operator }) => operator)).toEqual([expect.stringMatching(/^proposal:p-/)]);
    expect((await service.wallet(WALLET)) as object).toMatchObject({ frozen: false });
    expect(governed.deployment.logged.filter((line) => line.startsWith("error"))).toEqual([]);
  });
});
