import { createMemoryLedger } from "@dgb-shield/wallet-guardian";
import { describe, expect, it } from "vitest";
import { bindingOf } from "../../src/pipeline/index.js";
import { calmSite, REQUEST } from "../support/site.js";

describe("simulateWithdrawal", () => {
  it("answers as a decision would, and records, reserves and counts nothing", async () => {
    const ledger = createMemoryLedger();
    const { pipeline } = calmSite({ ledger });
    for (let i = 0; i < 60; i++) {
      const simulated = await pipeline.simulateWithdrawal({ ...REQUEST, withdrawal_id: `s-${i}` });
      expect(simulated.final).toBe(true);
    }
    expect(await ledger.records(0, 10)).toEqual([]);
    expect(await ledger.withdrawal("s-1")).toBeNull();
    const { record } = await pipeline.simulateWithdrawal(REQUEST);
    expect((await pipeline.decideWithdrawal(REQUEST)).record.guardian).toEqual(record.guardian);
  });

  it("names the rule that would refuse", async () => {
    const { pipeline } = calmSite();
    const large = await pipeline.simulateWithdrawal({ ...REQUEST, amount: "101" });
    expect(large).toMatchObject({
      final: false,
      record: { guardian: { reason_codes: ["per_tx_limit"] } },
    });
  });
});

describe("approvals", () => {
  const policy = { qwg_policy: { threshold_extra_auth: "50", required_approvals: 2 } };
  const request = {
    ...{ ...REQUEST, amount: "60" },
    destinations: [{ address: "DAddress1", amount: "60" }],
  };
  const approvalOf = (approver: string, binds = bindingOf(request) ?? "") => ({
    ...{ approver, method: "operator" as const, approved_at_ms: Date.UTC(2026, 0, 1), binds },
  });

  it("let a payment pass once enough people approved exactly this one", async () => {
    const { pipeline } = calmSite(policy);
    const decide = (...approvals: ReturnType<typeof approvalOf>[]) =>
      pipeline.simulateWithdrawal(request, { approvals });
    expect((await decide()).record.result.decision).toBe("require_extra_auth");
    expect((await decide(approvalOf("ann"))).final).toBe(false);
    expect((await decide(approvalOf("ann"), approvalOf("Ann"))).final).toBe(false);
    const other = bindingOf({ ...request, amount: "61" }) ?? "";
    expect((await decide(approvalOf("ann"), approvalOf("ben", other))).final).toBe(false);
    expect((await decide(approvalOf("ann"), approvalOf("ben"))).final).toBe(true);
  });

  it("of a caller's own request count for nothing", async () => {
    const { pipeline } = calmSite(policy);
    const binds = bindingOf(request);
    const forged = { ...request, binds, approvals: [approvalOf("ann"), approvalOf("ben")] };
    expect((await pipeline.decideWithdrawal(forged)).final).toBe(false);
  });

  it.each([{}, { withdrawal_id: "w" }, { withdrawal_id: "w", amount: "x" }, { payouts: 1 }])(
    "bind to nothing where there is no payment: %j",
    (fields) => {
      expect(bindingOf(fields)).toBeNull();
    },
  );

  it("bind to every destination of a batch", () => {
    const payout = (id: string, address: string) => ({
      ...{ withdrawal_id: id, amount: "1", destinations: [{ address, amount: "1" }] },
    });
    const batch = (second: string) => ({
      ...{ payment_id: "p", wallet_id: "hot", payouts: [payout("a", "A"), payout("b", second)] },
    });
    expect(bindingOf(batch("B"))).toMatch(/^[0-9a-f]{64}$/);
    expect(bindingOf(batch("B"))).not.toBe(bindingOf(batch("C")));
  });
});
