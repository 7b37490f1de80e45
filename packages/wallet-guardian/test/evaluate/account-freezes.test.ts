/** With freeze_scope account one customer's breach stops that customer, and several customers' the wallet (design, section 7: freezes). */
import { describe, expect, it } from "vitest";
import type { GuardianPolicyInput } from "../../src/index.js";
import { life, MEMORIES } from "../support/life.js";
import { HOUR, ORDER, said, START_MS } from "../support/guardian.js";

const POLICY = {
  max_24h: "1000",
  freeze_scope: "account",
  limits: { account: { max_24h: "10", max_per_tx: "5" } },
} as const satisfies GuardianPolicyInput;

describe.each(MEMORIES)("accounts that freeze on the %s ledger", (_name, createLedger) => {
  function start(policy: GuardianPolicyInput = POLICY) {
    const with_ = life(policy, createLedger());
    let n = 0;
    const by = (
      account_id: string,
      amount: string,
      risk: unknown = "MEDIUM",
      wallet_id = "hot-1",
    ) => with_.ask(`w-${(n += 1)}`, amount, { account_id, risk, wallet_id });
    /** Requests more than the account's limit. */
    const breach = async (account_id: string, wallet_id = "hot-1") => {
      await by(account_id, "5", "LOW", wallet_id);
      await by(account_id, "5", "LOW", wallet_id);
      return by(account_id, "1", "MEDIUM", wallet_id);
    };
    return { ...with_, by, breach };
  }

  it("have to be named", async () => {
    const { ask } = start({ max_24h: "10", freeze_scope: "account" });
    expect(await ask("w", "1")).toMatchObject({
      reason_codes: ["invalid_withdrawal"],
      path: "/account_id",
    });
  });

  it("are frozen by their own breach, and no other one is", async () => {
    const { breach, by, guardian } = start();
    const answer = await breach("mallory");
    expect(said(answer)).toBe("FREEZE daily_limit");
    expect(answer.freeze?.scopes).toEqual(["account:mallory"]);
    expect(answer.breaches).toEqual([
      { code: "daily_limit", scope: "account:mallory", limit: "limits/account/max_24h" },
    ]);
    expect(said(await by("mallory", "1", "LOW"))).toBe("REJECT wallet_frozen daily_limit");
    for (let n = 0; n < 20; n++) expect((await by(`honest-${n}`, "1")).final).toBe(true);
    expect(await guardian.wallet("hot-1")).toMatchObject({ frozen: false });
    expect(await guardian.account("mallory")).toMatchObject({ frozen: true });
  });

  it("are not frozen by the wallet's or the site's limits, which delay instead", async () => {
    const limits = {
      account: { max_24h: "100" },
      global: { windows: [{ seconds: 3_600, max_amount: "8" }] },
    };
    const { by, guardian } = start({ ...POLICY, max_24h: "6", limits });
    await by("ann", "5");
    const answer = await by("bob", "4");
    expect(said(answer)).toBe("DELAY daily_limit window_limit");
    expect(answer.retry_after_ms).toBeGreaterThan(0);
    expect(answer).not.toHaveProperty("freeze");
    expect(await guardian.wallet("hot-1")).toMatchObject({ frozen: false, globally_frozen: false });
    expect((await by("bob", "1")).final).toBe(true);
  });

  it("count requested amounts in their own windows alone", async () => {
    const { by } = start({ ...POLICY, max_24h: "20", cooldown_seconds: 60 });
    await by("ann", "1", "LOW");
    for (let n = 0; n < 10; n++)
      expect(said(await by("mallory", "5", "LOW"))).toBe("DELAY cooldown_breach");
    // mallory's delayed requests take no room from bob
    expect(said(await by("bob", "5"))).toBe("DELAY cooldown_breach");
    expect(said(await by("mallory", "5"))).toBe("FREEZE daily_limit cooldown_breach");
  });

  it.each([
    [1, 0],
    [3, 2],
    [5, 4],
  ])("freeze the wallet with the %i-th, not before", async (count, before) => {
    const { breach, by, guardian } = start({ ...POLICY, accounts_frozen: { count } });
    for (let n = 0; n < before; n++) {
      expect(said(await breach(`m-${n}`))).toBe("FREEZE daily_limit");
      expect((await by(`honest-${n}`, "1")).final).toBe(true);
    }
    const last = await breach("last");
    expect(said(last)).toBe("FREEZE daily_limit accounts_frozen");
    expect(last.breaches?.at(-1)).toEqual({
      code: "accounts_frozen",
      scope: "wallet:hot-1",
      limit: "accounts_frozen",
    });
    expect(await guardian.wallet("hot-1")).toMatchObject({
      freezes: [{ kind: "limit", reason: "accounts_frozen" }],
    });
    expect(said(await by("honest", "1", "LOW"))).toBe("REJECT wallet_frozen");
    expect((await by("honest", "1", "LOW", "hot-2")).final).toBe(true);
  });

  it("are counted within their time alone, to the millisecond", async () => {
    for (const [wait, expected] of [
      [HOUR - 1, "FREEZE daily_limit accounts_frozen"],
      [HOUR, "FREEZE daily_limit"],
    ] as const) {
      const { breach, time } = start({ ...POLICY, accounts_frozen: { count: 2 } });
      await breach("m-1");
      time.now += wait;
      expect(said(await breach("m-2"))).toBe(expected);
    }
  });

  it("are counted once while they are frozen, and for their wallet alone", async () => {
    const { breach, by } = start({ ...POLICY, accounts_frozen: { count: 2 } });
    await breach("m-1");
    for (let n = 0; n < 5; n++) {
      expect((await by("m-1", "1")).reason_codes).not.toContain("accounts_frozen");
    }
    expect(said(await breach("m-2", "hot-2"))).toBe("FREEZE daily_limit");
    expect(said(await breach("m-3"))).toBe("FREEZE daily_limit accounts_frozen");
  });

  it("freeze the wallet where one payment freezes several", async () => {
    const { by, pay } = start({ ...POLICY, accounts_frozen: { count: 2 } });
    for (const account of ["ann", "bob"]) for (let n = 0; n < 2; n++) await by(account, "5", "LOW");
    const payouts = ["ann", "bob"].map((account_id) => ({
      withdrawal_id: account_id,
      amount: "1",
      account_id,
    }));
    const answer = await pay("p", payouts, { risk: "MEDIUM" });
    expect(said(answer)).toBe("FREEZE daily_limit accounts_frozen");
    expect(answer.freeze?.scopes).toEqual(["account:ann", "account:bob", "wallet:hot-1"]);
  });

  it("thaw by lasting LOW where the policy has it, by an operator always", async () => {
    const { breach, by, guardian, time } = start({ ...POLICY, release_freeze_at_low: "all" });
    await breach("ann");
    await breach("bob");
    await guardian.unfreeze("account", "bob", ORDER);
    time.now += 25 * HOUR;
    expect(said(await by("bob", "1", "LOW"))).toBe("ALLOW within_limits");
    expect(said(await by("ann", "1", "LOW"))).toBe("REJECT wallet_frozen");
    const calm = { level: "LOW", low_since_ms: START_MS + 1 };
    expect(said(await by("ann", "1", calm))).toBe("ALLOW within_limits");
  });

  it("are refused with the wallet at HIGH, as ever", async () => {
    const { by } = start();
    expect(said(await by("ann", "1", "HIGH"))).toBe("FREEZE high_risk_freeze");
    expect(said(await by("bob", "1", "MEDIUM"))).toBe("REJECT wallet_frozen");
  });
});
