/** The largest payments, and those that are too large (design, section 7: payments). */
import { describe, expect, it } from "vitest";
import type { GuardianPolicyInput } from "../../src/index.js";
import { EXPLICIT, life, MEMORIES, type PayoutIn, told } from "../support/life.js";
import { said } from "../support/guardian.js";

const payout = (withdrawal_id: string, amount: string, account_id?: string): PayoutIn => ({
  withdrawal_id,
  amount,
  ...(account_id === undefined ? {} : { account_id }),
});
const [p1, p2] = [payout("1", "1"), payout("2", "2")] as const;

describe.each(MEMORIES)("a payment of many payouts on the %s ledger", (_name, createLedger) => {
  const start = (policy: Parameters<typeof life>[0] = EXPLICIT) => life(policy, createLedger());

  it("of 200 payouts is reserved, claimed, committed, and counted as 200", async () => {
    const policy: GuardianPolicyInput = {
      claim: "explicit",
      windows: [{ seconds: 3_600, max_count: 200, max_amount: "200" }],
    };
    const { claim, commit, guardian, pay } = start(policy);
    const payouts = Array.from({ length: 200 }, (_, n) => payout(`w-${n}`, "1", `acc-${n % 50}`));
    const answer = await pay("p", payouts);
    expect([said(answer), answer.final]).toEqual(["ALLOW within_limits", true]);
    expect((await pay("p", payouts)).repeated).toBe(true);
    expect(said(await claim("p"))).toBe("ALLOW claimed_now");
    expect(told(await commit("p"))).toBe("accepted");
    expect(await guardian.wallet("hot-1")).toMatchObject({
      windows: [{ spent: "200", spent_count: 200 }],
    });
    expect(said(await pay("q", [payout("x", "1")]))).toBe("DELAY window_limit");
  });

  it("of 1,001 payouts, of none, or of one id twice is malformed", async () => {
    const { pay } = start();
    const many = Array.from({ length: 1_001 }, (_, n) => payout(`w-${n}`, "0.001"));
    for (const [payouts, path] of [
      [many, "/payouts"],
      [[], "/payouts"],
      [[p1, p1], "/payouts"],
      [[payout("p", "1"), p2], "/payouts"],
      [[payout("a", "92233720368"), payout("b", "92233720368")], "/payouts"],
      [[p1, payout("2", "0")], "/payouts/1/amount"],
      [[{ ...p1, wallet_id: "hot-1" }], "/payouts/0/wallet_id"],
    ] as [readonly PayoutIn[], string][]) {
      expect(await pay("p", payouts)).toMatchObject({
        decision: "REJECT",
        reason_codes: ["invalid_withdrawal"],
        withdrawal_id: "p",
        path,
      });
    }
  });

  it("of 1,000 accounts beyond all their limits is refused, freezes them, and is recorded", async () => {
    const windows = Array.from({ length: 4 }, (_, n) => ({ seconds: 60 + n, max_amount: "1" }));
    const policy: GuardianPolicyInput = {
      max_24h: "100000",
      freeze_scope: "account",
      limits: { account: { windows } },
    };
    const { guardian, ledger, pay } = start(policy);
    const name = (n: number) => String(n).padStart(128, "\uffed");
    const payouts = Array.from({ length: 1_000 }, (_, n) => payout(`w-${n}`, "2", name(n)));
    const answer = await pay("p", payouts, { risk: "MEDIUM" });
    expect(said(answer)).toBe("REJECT window_limit accounts_frozen");
    // what is named is bounded, what is frozen is not
    expect([answer.breaches?.length, answer.freeze?.scopes.length]).toEqual([100, 1_001]);
    expect(await guardian.account(name(999))).toMatchObject({ frozen: true });
    const kinds = (await ledger.records(0, 10)).map(({ kind }) => kind);
    expect(kinds).toEqual(["policy", "decision", "event"]);
  });

  it("of 1,000 payouts is the largest", async () => {
    const { pay, spent } = start();
    const payouts = Array.from({ length: 1_000 }, (_, n) => payout(`w-${n}`, "0.01"));
    expect((await pay("p", payouts)).final).toBe(true);
    expect(await spent()).toBe("10");
  });
});
