import { withdrawalRecordSchema } from "@dgb-shield/contract";
import { createMemoryLedger, LedgerError } from "@dgb-shield/wallet-guardian";
import { describe, expect, it } from "vitest";
import { calmSite, CALM_MS, GROESTL, NODE, REQUEST, see, site, stranger } from "../support/site.js";

const TXID = "ab".repeat(32);

describe("release", () => {
  it("records the operator who gave the order, not the site's own", () => {
    let saved = "";
    const made = calmSite({ state: { load: () => null, save: (text) => void (saved = text) } });
    see(made, 3_040, GROESTL);
    made.pipeline.release({
      detector: "retired_algorithm",
      operator: "mallory",
      reason: "trust me",
    });
    const { defense } = JSON.parse(saved.split("\n")[1]!) as { defense: { releases: object[] } };
    expect(defense.releases.at(-1)).toMatchObject({ operator: "mallory" });
  });

  it.each([1, 90, 93, 128])("releases findings of a node whose id has %d characters", (length) => {
    const node_id = "n".repeat(length);
    const made = site({ node_id });
    for (let height = 3_000; height < 3_040; height++) see(made, height, 2, node_id);
    see(made, 3_040, GROESTL, node_id);
    const order = { detector: "retired_algorithm", operator: "ann", reason: "upgraded" };
    expect(made.pipeline.release(order)).toEqual(["retired_algorithm:3040"]);
    for (let height = 3_041; height < 3_060; height++) see(made, height, 2, node_id);
    const { report, defense } = see(made, 3_060, 2, node_id);
    expect([report.level, defense.lockdown]).toEqual(["normal", "NONE"]);
  });

  it("changes nothing by an order that only some layers would take", () => {
    const made = calmSite();
    see(made, 3_040, GROESTL);
    const order = { detector: "retired_algorithm", operator: "ann" };
    expect(made.pipeline.release({ ...order, reason: "r".repeat(257) })).toEqual([]);
    see(made, 3_041);
    expect(made.pipeline.release({ ...order, reason: "short" })).toEqual([
      "retired_algorithm:3040",
    ]);
    for (let height = 3_042; height < 3_060; height++) see(made, height);
    expect(see(made, 3_060).defense.lockdown).toBe("NONE");
  });

  it("releases what a node left behind that is no longer one of the site's", () => {
    let text: string | null = null;
    const state = { load: () => text, save: (next: string) => void (text = next) };
    const two = site({ state, further_node_ids: ["node-b"] });
    for (let height = 3_000; height < 3_040; height++) {
      see(two, height);
      see(two, height, 2, "node-b");
    }
    see(two, 3_040, GROESTL, "node-b");
    const one = site({ state });
    for (let height = 3_040; height < 3_060; height++) see(one, height);
    expect(see(one, 3_060).defense.lockdown).toBe("FULL");
    const order = { detector: "retired_algorithm", operator: "ann", reason: "node-b is gone" };
    expect(one.pipeline.release(order)).toHaveLength(1);
    for (let height = 3_061; height < 3_080; height++) see(one, height);
    expect(see(one, 3_080).defense.lockdown).toBe("NONE");
  });

  it("releases a finding before the first observation after a restart", () => {
    let text: string | null = null;
    const state = { load: () => text, save: (next: string) => void (text = next) };
    see(calmSite({ state }), 3_040, GROESTL);
    const second = site({ state });
    second.moveTo(CALM_MS + 60_000);
    const order = { detector: "retired_algorithm", operator: "ann", reason: "node upgraded" };
    expect(second.pipeline.release(order)).toEqual(["retired_algorithm:3040"]);
  });

  it.each([
    ["no operator", { detector: "retired_algorithm", operator: "", reason: "x" }],
    ["no reason", { detector: "retired_algorithm", operator: "ann", reason: "" }],
    [
      "an inherited operator",
      Object.create({ detector: "retired_algorithm", operator: "ann", reason: "x" }),
    ],
    ["another detector", { detector: "reorg", operator: "ann", reason: "x" }],
    ["nothing", undefined],
  ])("releases nothing for an order with %s", (_, order) => {
    const made = calmSite();
    see(made, 3_040, GROESTL);
    expect(made.pipeline.release(order as never)).toEqual([]);
    expect(see(made, 3_041).defense.lockdown).toBe("FULL");
  });
});

describe("acceptClock", () => {
  it.each<[string, unknown]>([
    ["nothing", null],
    ["no names", {}],
    ["an empty operator", { operator: "", reason: "x" }],
    ["a reason that only some layers take", { operator: "ann", reason: "r".repeat(300) }],
  ])("changes nothing by an order of %s", async (_, order) => {
    const made = calmSite();
    made.skewBy(-3_600_000);
    expect(await made.pipeline.acceptClock(order as never)).toEqual({
      accepted: false,
      refused_by: ["pipeline"],
    });
    expect((await made.pipeline.decideWithdrawal(REQUEST)).record.veto).toBe("clock_untrusted");
  });

  it("is durable when it returns", async () => {
    let text = "";
    const made = calmSite({ state: { load: () => null, save: (next) => void (text = next) } });
    made.skewBy(30_000);
    await made.pipeline.acceptClock({ operator: "ann", reason: "checked" });
    expect(text).toContain('"operator":"ann"');
  });
});

describe("receive", () => {
  it("refuses signals in the name of the own node or operator: no stranger keeps a dead Sentinel alive", async () => {
    const made = calmSite();
    for (let minute = 1; minute <= 60; minute++) {
      made.moveTo(CALM_MS + minute * 60_000);
      made.pipeline.receive([
        { node_id: NODE, source: "sentinel", type: "node_status", severity: 0 },
        { node_id: "else", operator: "op", source: "sentinel", type: "node_status", severity: 0 },
      ]);
    }
    expect(made.pipeline.refusedSignals()).toBe(120);
    const { final, record } = await made.pipeline.decideWithdrawal(REQUEST);
    expect(final).toBe(false);
    expect(record.inputs.dqs_advisory).toBe("UNKNOWN");
  });

  it("keeps the own alarm in the view, whatever others send in its name", () => {
    const made = calmSite();
    expect(see(made, 3_040, GROESTL).view.level).toBe("CRITICAL_LOCAL");
    const forged = {
      node_id: NODE,
      source: "sentinel",
      type: "retired_algorithm",
      severity: 0,
      operator: "op",
    } as const;
    made.pipeline.receive([{ ...forged, observed_at: made.now() + 9_000 }]);
    for (let height = 3_041; height < 3_046; height++) see(made, height);
    expect(see(made, 3_046).view.level).toBe("CRITICAL_LOCAL");
  });

  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["a text", "signal"],
    ["a list of nothing", [null, undefined, 1, "x", []]],
    [
      "a getter",
      [Object.defineProperty({ ...stranger(1) }, "node_id", { enumerable: true, get: () => NODE })],
    ],
  ])("counts and ignores %s", (_, signals) => {
    const made = calmSite();
    made.pipeline.receive(signals as never);
    expect(made.pipeline.refusedSignals()).toBeGreaterThan(0);
    expect(see(made, 3_040).view.level).toBe("NORMAL");
  });
});

describe("commit and releaseWithdrawal", () => {
  /** A site whose ledger can be made busy. */
  function busySite() {
    const inner = createMemoryLedger();
    const state = { isBusy: false };
    const ledger: typeof inner = {
      ...inner,
      transact: (reads, decide) =>
        state.isBusy
          ? Promise.reject(new LedgerError("ledger_busy", "busy"))
          : inner.transact(reads, decide),
    };
    return { ...calmSite({ ledger }), state };
  }

  it("reports that the ledger was busy, and pays once: asked again it is accepted", async () => {
    const { pipeline, ledger, state } = busySite();
    await pipeline.decideWithdrawal(REQUEST);
    state.isBusy = true;
    expect(await pipeline.commit("w-1", { txid: TXID })).toMatchObject({
      accepted: false,
      reason_codes: ["ledger_busy"],
    });
    expect((await ledger.withdrawal("w-1"))?.status).toBe("claimed");
    state.isBusy = false;
    expect(await pipeline.commit("w-1", { txid: TXID })).toMatchObject({ accepted: true });
    expect((await ledger.withdrawal("w-1"))?.status).toBe("committed");
  });

  it("answers a decision that could not be recorded in the form of a record", async () => {
    const { pipeline, state } = busySite();
    state.isBusy = true;
    const { final, record, recorded } = await pipeline.decideWithdrawal(REQUEST);
    expect([final, recorded]).toEqual([false, false]);
    expect(withdrawalRecordSchema.parse(record).guardian.reason_codes).toContain("ledger_busy");
  });

  it("reports an unknown id, and counts a second transaction once more", async () => {
    const { pipeline } = busySite();
    expect(await pipeline.commit("never-heard-of", { txid: TXID })).toMatchObject({
      accepted: false,
    });
    await pipeline.decideWithdrawal(REQUEST);
    await pipeline.commit("w-1", { txid: TXID });
    expect(await pipeline.commit("w-1", { txid: "cd".repeat(32) })).toMatchObject({
      accepted: true,
      reason_codes: ["double_payment"],
    });
  });

  it("gives back what was allowed with proof alone, once the claim is over", async () => {
    const made = busySite();
    const { pipeline, ledger } = made;
    await pipeline.decideWithdrawal(REQUEST);
    const order = { operator: "ann", reason: "customer cancelled" };
    const proven = { ...order, not_executed: true as const };
    const said = async (id: string, given: typeof order) =>
      (await pipeline.releaseWithdrawal(id, given)).reason_codes;
    expect(await said("w-1", order)).toEqual(["claimed"]);
    expect(await said("w-1", proven)).toEqual(["claim_running"]);
    made.moveTo(CALM_MS + 65_000);
    expect(await said("w-1", proven)).toEqual([]);
    expect((await ledger.withdrawal("w-1"))?.status).toBe("released");
    expect(await said("w-9", proven)).toEqual(["unknown_withdrawal"]);
  });
});

describe("claim", () => {
  const policy = { max_24h: "500", claim: "explicit" } as const;
  const claim = { signer_id: "signer-1" };

  it("permits one signer to sign, and no other one meanwhile", async () => {
    const { pipeline } = calmSite({ guardian_policy: policy });
    expect((await pipeline.decideWithdrawal(REQUEST)).final).toBe(true);
    expect(await pipeline.claim("w-1", claim)).toMatchObject({
      decision: "ALLOW",
      valid_for_ms: 60_000,
    });
    const other = await pipeline.claim("w-1", { signer_id: "signer-2" });
    expect([other.decision, other.reason_codes]).toEqual(["DELAY", ["claimed"]]);
  });

  it("reads the evidence again: what was allowed is not signed once the chain is at risk", async () => {
    const made = calmSite({ guardian_policy: policy });
    expect((await made.pipeline.decideWithdrawal(REQUEST)).final).toBe(true);
    see(made, 3_040, GROESTL);
    expect(await made.pipeline.claim("w-1", claim)).toMatchObject({ decision: "REJECT" });
  });

  it("refuses while an own node is silent: risk is higher than when it was allowed", async () => {
    const made = calmSite({ guardian_policy: { ...policy, allow_valid_seconds: 600 } });
    expect((await made.pipeline.decideWithdrawal(REQUEST)).final).toBe(true);
    made.moveTo(CALM_MS + 70_000);
    const answer = await made.pipeline.claim("w-1", claim);
    expect([answer.decision, answer.reason_codes]).toEqual(["REJECT", ["allow_not_in_force"]]);
  });

  it("decides on a payment of several payouts as a whole", async () => {
    const { withdrawal_id, amount, ...rest } = REQUEST;
    const payouts = [1, 2, 3].map((n) => ({ withdrawal_id: `${withdrawal_id}-${n}`, amount }));
    const made = calmSite();
    const decided = await made.pipeline.decideWithdrawal({ ...rest, payment_id: "p-1", payouts });
    expect(decided.final).toBe(true);
    expect(decided.record.context).toMatchObject({ tx_amount: "30" });
  });
});
