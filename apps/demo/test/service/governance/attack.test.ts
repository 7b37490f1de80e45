/** Attacks of one stolen key on a governed service that runs, by what the model of theft does not cover: time, streams, alarms, another policy. */
import { digibyteRegtest } from "@dgb-shield/chain";
import { parsePolicy as parseGuardPolicy } from "@dgb-shield/quantum-wallet-guard";
import { parsePolicy } from "@dgb-shield/wallet-guardian";
import { afterEach, describe, expect, it } from "vitest";
import { addressNo } from "../../support/addresses.js";
import { type GovernedHttp, startGovernedHttp } from "../../support/governed-http.js";
import { paymentRequest, until } from "../../support/service.js";

const REASON = { reason: "a theft" };
const worlds: GovernedHttp[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});
async function governedSite(fields: Parameters<typeof startGovernedHttp>[0] = {}) {
  const world = await startGovernedHttp(fields);
  worlds.push(world);
  return world;
}

/** Asks for a payment with the wallet's key. */
async function pay(world: GovernedHttp, more: object = {}) {
  const { withdrawal_id, ...body } = paymentRequest(more);
  const answer = await world.call(`PUT /v1/payments/${withdrawal_id}`, "backend", body);
  return { id: withdrawal_id, final: answer.body["final"], body: answer.body };
}

const signal = (severity: number) => ({
  ...{ node_id: "peer-1", operator: "peer", source: "sentinel", type: "reorg", severity },
  observed_at: Date.now(),
});
const report = (world: GovernedHttp, severity: number) =>
  world.call("POST /v1/signals", "peer", { signals: [signal(severity)] });

describe("a stolen key of a wallet", () => {
  it("releases nothing that an ALLOW permitted to sign at once", async () => {
    const guardian = parsePolicy({
      ...{ max_per_tx: "500", max_24h: "500", cooldown_seconds: 0, claim: "implicit" },
    });
    const world = await governedSite({ guardian });
    const first = await pay(world, { amount: "500" });
    expect(first.final).toBe("ALLOW");
    for (const holder of ["backend", "ann"]) {
      for (const order of [
        REASON,
        { ...REASON, signer_id: "s" },
        { ...REASON, signer_id: "s", not_executed: true },
      ]) {
        const { code } = await world.call(`POST /v1/payments/${first.id}/release`, holder, order);
        expect([holder, code]).toEqual([holder, "governed"]);
      }
    }
    expect((await pay(world, { amount: "1" })).final).toBe("REFUSED");
  });

  it("frees no room of a limit by what it says of fee and transaction", async () => {
    const guardian = parsePolicy({
      ...{ max_per_tx: "500", max_24h: "500", cooldown_seconds: 0, claim: "explicit" },
    });
    const world = await governedSite({ guardian });
    const destinations = [{ address: addressNo(digibyteRegtest, 3), amount: "300" }];
    const { id, final } = await pay(world, { amount: "500", max_fee: "200", destinations });
    expect(final).toBe("ALLOW");
    await world.call(`POST /v1/payments/${id}/claim`, "backend", { signer_id: "s" });
    for (const fee of ["0.00000001", "0"]) {
      const paid = { txid: "cd".repeat(32), fee };
      await world.call(`POST /v1/payments/${id}/commit`, "backend", paid);
      expect((await pay(world, { amount: "1" })).final).toBe("REFUSED");
    }
  });

  it("makes a destination known only after its waiting time, under any spelling and for any account", async () => {
    const guardian = parsePolicy({
      ...{ max_per_tx: "500", new_destination_seconds: 86_400, cooldown_seconds: 0 },
      ...{ destination_lookalikes: true, claim: "explicit" },
    });
    const world = await governedSite({ guardian });
    const address = addressNo(digibyteRegtest, 9);
    for (const [holder, spelling] of [
      ["backend", address],
      ["ann", address.toUpperCase()],
    ] as const) {
      for (const owner of [{ account_id: "alice" }, { account_id: "bert" }]) {
        const named = { ...owner, address: spelling };
        expect((await world.call("PUT /v1/destinations", holder, named)).status).toBe(200);
        const destinations = [{ address: spelling, amount: "1" }];
        const asked = await pay(world, { ...owner, amount: "1", max_fee: "0", destinations });
        expect(asked.final).toBe("REFUSED");
      }
    }
    world.pass(86_399_000);
    const early = { account_id: "alice", amount: "1", max_fee: "0" };
    const destinations = [{ address, amount: "1" }];
    expect((await pay(world, { ...early, destinations })).final).toBe("REFUSED");
  });
});

describe("an alarm of another site", () => {
  it("is ended by no stolen key: its reporter's key stays, and calm words do not replace it", async () => {
    // What one other site reports is elevated at most.
    const world = await governedSite({ guard: parseGuardPolicy({ max_allowed_risk: "normal" }) });
    expect((await pay(world)).final).toBe("ALLOW");
    expect((await report(world, 1)).status).toBe(200);
    await until(
      async () => (await pay(world)).final,
      (final) => final === "REFUSED",
    );
    const { id } = world.keys["peer"]!;
    for (const holder of ["ann", "dora"]) {
      const answer = await world.call(`POST /v1/keys/${id}/revoke`, holder, REASON);
      expect([answer.status, answer.code, answer.body["proposal"]]).toEqual([
        ...[409, "governed", { kind: "keys", add: [], revoke: [id] }],
      ]);
    }
    expect((await report(world, 0)).status).toBe(200);
    expect((await pay(world)).final).toBe("REFUSED");
    // The reporter still reports: its key counts.
    expect((await report(world, 1)).body).toMatchObject({ accepted: 1 });
    for (const one of await world.service.incidents()) {
      const path = `POST /v1/incidents/${encodeURIComponent(one.incident_id)}/release`;
      expect((await world.call(path, "ann", REASON)).code).toBe("governed");
    }
    expect((await pay(world)).final).toBe("REFUSED");
  });
});

describe("what every reader of events sees of governance", () => {
  it("names no person, no reason, and nothing of what is changed", async () => {
    const world = await governedSite();
    const seen: unknown[] = [];
    world.service.subscribe({
      onEvent({ type, data }) {
        if (type === "governance") seen.push(data);
      },
    });
    const key = {
      ...{ id: "0123456789ab", role: "operator", name: "Planted Person", wallets: null },
      ...{ reports_for: null, expires_at_ms: null, hash: "ab".repeat(32) },
    };
    const change = { kind: "keys", add: [key], revoke: [] };
    const planted = { change, reason: "planted reason" };
    const made = await world.call("POST /v1/proposals", "ann", planted);
    const id = String(made.body["proposal_id"]);
    await world.call(`POST /v1/proposals/${id}/reject`, "bob", { reason: "planted objection" });
    await world.call(`POST /v1/keys/${world.keys["auditor"]!.id}/revoke`, "bob", REASON);
    expect(seen).toEqual([
      { action: "proposed", proposal_id: id, kind: "keys" },
      { action: "rejected_by", proposal_id: id, kind: "keys" },
      { action: "key_revoked" },
    ]);
  });
});

describe("a proposal of a gateway's configuration", () => {
  it("shows its readers no hash of a password", async () => {
    const world = await governedSite();
    const governed = {
      gateway: { proxy: { clients: [{ password_sha256: `${"a".repeat(32)}:${"b".repeat(64)}` }] } },
    };
    const change = { kind: "configuration", governed };
    await world.call("POST /v1/proposals", "ann", { change, ...REASON });
    const { body } = await world.call("GET /v1/proposals", "auditor");
    expect(JSON.stringify(body)).toContain("gateway");
    expect(JSON.stringify([body, await world.service.records(0, 1_000)])).not.toContain(
      "b".repeat(64),
    );
  });
});
