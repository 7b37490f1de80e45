import { describe, expect, it } from "vitest";
import { createGuardian, createMemoryLedger, type Ledger } from "../../src/index.js";
import { ORDER, START_MS, TXID } from "../support/guardian.js";

const PAYOUT = { withdrawal_id: "w", account_id: "a", amount: "1" } as const;
const PAYMENT = {
  payment_id: "p",
  wallet_id: "h",
  payouts: [PAYOUT, { ...PAYOUT, withdrawal_id: "v" }],
};

/** A withdrawal goes on to another payment after a call has read it and before the call's transaction begins. */
async function moving() {
  const base = createMemoryLedger();
  let lookedUp = (): Promise<unknown> => Promise.resolve();
  const ledger: Ledger = {
    ...base,
    withdrawal: async (id) => {
      const row = await base.withdrawal(id);
      await lookedUp();
      return row;
    },
  };
  const policy = { max_24h: "3", claim: "explicit" } as const;
  const guardian = createGuardian({ policy, ledger, clock: () => START_MS });
  const { cause_id = "" } = await guardian.freeze("wallet", "h", ORDER);
  await guardian.evaluate({ ...PAYOUT, wallet_id: "h" }, "LOW");
  await guardian.unfreeze("cause", cause_id, ORDER);
  lookedUp = () => guardian.evaluate(PAYMENT, "LOW");
  return { guardian, ledger: base };
}

describe("a withdrawal that goes on to another payment meanwhile", () => {
  it("is committed with it, never apart from it", async () => {
    const { guardian, ledger } = await moving();
    const answer = await guardian.commit("w", { txid: TXID });
    expect([answer.accepted, answer.reason_codes]).toEqual([true, ["late_commit"]]);
    expect(await ledger.withdrawal("w")).toMatchObject({ status: "committed", txid: TXID });
    expect(await ledger.withdrawal(PAYMENT.payment_id)).toMatchObject({ status: "committed" });
  });

  it("is not released apart from it", async () => {
    const { guardian, ledger } = await moving();
    const answer = await guardian.release("w", ORDER);
    expect([answer.accepted, answer.reason_codes]).toEqual([false, ["part_of_payment"]]);
    expect(await ledger.withdrawal("w")).toMatchObject({ status: "reserved", counts: "reserved" });
  });

  it("is not claimed apart from it", async () => {
    const { guardian, ledger } = await moving();
    const answer = await guardian.claim("w", { signer_id: "s", risk: "LOW" });
    expect([answer.decision, answer.reason_codes]).toEqual(["REJECT", ["part_of_payment"]]);
    const records = await ledger.records(0, 100);
    expect(records.at(-1)?.record).toMatchObject({ withdrawal_id: "w", decision: "REJECT" });
  });
});
