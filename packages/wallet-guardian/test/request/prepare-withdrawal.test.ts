import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { prepareWithdrawal, type WithdrawalRequest } from "../../src/index.js";
import { askAnything, harness } from "../support/guardian.js";
import { MALFORMED } from "../support/malformed.js";

const valid = { withdrawal_id: "w", wallet_id: "a", amount: "1.50" };

describe("prepareWithdrawal", () => {
  it("gives back what it was given, frozen, and names what the id stands for", () => {
    const destinations = [{ address: "dgb1q", amount: 1.5 }];
    const prepared = prepareWithdrawal({ ...valid, destinations });
    expect(prepared).toMatchObject({
      accepted: true,
      withdrawal: { ...valid, destinations },
      amount: "1.5",
    });
    if (!prepared.accepted) return;
    expect(prepared.content_hash).toMatch(/^[0-9a-f]{64}$/);
    const { destinations: kept } = prepared.withdrawal as WithdrawalRequest;
    expect(Object.isFrozen(kept?.[0])).toBe(true);
  });

  it("hashes a payment as the ledger stores it, and sums its payouts", async () => {
    const payouts = [
      { withdrawal_id: "1", amount: "1.5", max_fee: "0.5" },
      { withdrawal_id: "2", amount: 2 },
    ];
    const payment = { payment_id: "p", wallet_id: "hot-1", payouts };
    const { guardian, ledger } = harness({ max_24h: "10" });
    await guardian.evaluate(payment, "LOW");
    const prepared = prepareWithdrawal(payment);
    const content_hash = (await ledger.withdrawal("p"))?.content_hash;
    expect(prepared).toMatchObject({
      accepted: true,
      withdrawal: payment,
      amount: "3.5",
      content_hash,
    });
    expect(content_hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([
    [{ account_required: true }, "/account_id"],
    [{ destinations_required: true }, "/destinations"],
    [{ max_fee_required: true }, "/destinations"],
  ])("refuses with %o what the policy would", (required, path) => {
    expect(prepareWithdrawal(valid, required)).toMatchObject({ accepted: false, path });
    const full = {
      ...valid,
      account_id: "a",
      max_fee: "0",
      destinations: [{ address: "x", amount: valid.amount }],
    };
    expect(prepareWithdrawal(full, required)).toMatchObject({ accepted: true });
  });

  it("does not change with what it was given", () => {
    const given = { ...valid };
    const prepared = prepareWithdrawal(given);
    given.amount = "1000000";
    expect(prepared).toMatchObject({ withdrawal: valid });
  });

  it.each(MALFORMED)("refuses %s", (_what, withdrawal, path) => {
    expect(prepareWithdrawal(withdrawal)).toEqual({
      accepted: false,
      reason_codes: ["invalid_withdrawal"],
      path,
      detail: expect.stringContaining(path === "" ? "the whole: " : `${path}: `) as string,
    });
  });

  it("requires the account where the policy does", () => {
    expect(prepareWithdrawal(valid, { account_required: true })).toMatchObject({
      path: "/account_id",
    });
    const withAccount = { ...valid, account_id: "x" };
    expect(prepareWithdrawal(withAccount, { account_required: true }).accepted).toBe(true);
  });

  it("agrees with the guardian on what is malformed, whatever it is given", async () => {
    const { guardian } = harness({ max_per_tx: "100" });
    const text = fc.constantFrom("w", "", " a", "1", "0", "1.5", "-1", "1e3");
    const withdrawal = fc.oneof(
      fc.anything(),
      fc.record({ withdrawal_id: text, wallet_id: text, amount: text }, { requiredKeys: [] }),
    );
    await fc.assert(
      fc.asyncProperty(withdrawal, async (given) => {
        const { reason_codes, path } = await askAnything(guardian, given, "LOW");
        const isMalformed = reason_codes.includes("invalid_withdrawal");
        const prepared = prepareWithdrawal(given);
        expect(prepared.accepted).toBe(!isMalformed);
        if (!prepared.accepted) expect(prepared.path).toBe(path);
      }),
    );
  });
});
