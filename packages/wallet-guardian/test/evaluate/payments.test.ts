/** A payment of several payouts: one transaction, allowed as a whole or not at all (design, section 7: payments). */
import { describe, expect, it } from "vitest";
import { EXPLICIT, type Life, life, MEMORIES, type PayoutIn, told } from "../support/life.js";
import { ORDER, said, TXID, VALID_MS } from "../support/guardian.js";

const payout = (withdrawal_id: string, amount: string, account_id?: string): PayoutIn => ({
  withdrawal_id,
  amount,
  ...(account_id === undefined ? {} : { account_id }),
});
const [p1, p2, p3] = [payout("1", "1"), payout("2", "2"), payout("3", "3")] as const;

describe.each(MEMORIES)("a payment on the %s ledger", (_name, createLedger) => {
  const start = (policy: Parameters<typeof life>[0] = EXPLICIT) => life(policy, createLedger());

  it("is one decision, one claim and one commit on all of its payouts", async () => {
    const { claim, commit, ledger, pay, spent } = start();
    const answer = await pay("p", [p1, p2, p3]);
    expect(answer).toMatchObject({ withdrawal_id: "p", decision: "ALLOW", final: true });
    expect(answer).not.toHaveProperty("allowed_now");
    expect(await spent()).toBe("6");
    expect(said(await claim("p"))).toBe("ALLOW claimed_now");
    expect(told(await commit("p"))).toBe("accepted");
    for (const id of ["p", "1", "2", "3"]) {
      expect(await ledger.withdrawal(id)).toMatchObject({
        payment_id: "p",
        status: "committed",
        txid: TXID,
      });
    }
    expect(await pay("p", [p1, p2, p3])).toMatchObject({
      reason_codes: ["already_committed"],
      txid: TXID,
    });
  });

  it("counts in each account what belongs to it, in wallet and site all of it", async () => {
    const limits = { account: { max_24h: "100" }, global: { max_24h: "100" } };
    const { guardian, pay } = start({ ...EXPLICIT, max_24h: "100", limits });
    await pay("p", [payout("1", "1", "ann"), payout("2", "2", "bob"), payout("3", "4", "ann")]);
    const spent = (amount: string, spent_count: number) => ({
      windows: [{ spent: amount, spent_count }],
    });
    expect(await guardian.account("ann")).toMatchObject(spent("5", 2));
    expect(await guardian.account("bob")).toMatchObject(spent("2", 1));
    expect(await guardian.wallet("hot-1")).toMatchObject(spent("7", 3));
    expect(await guardian.global()).toMatchObject(spent("7", 3));
  });

  it("keeps as requested a payout that was delayed alone and then rejected within a lapsed payment", async () => {
    const limits = { account: { windows: [{ seconds: 60, max_count: 2 }], cooldown_seconds: 600 } };
    const { ask, guardian, pay, time } = start({ ...EXPLICIT, limits });
    const payouts = [payout("b", "3", "ann"), payout("d", "5", "bob")];
    expect(said(await pay("r", payouts))).toBe("ALLOW within_limits");
    time.now += 600_000;
    expect(said(await ask("a", "2", { account_id: "ann" }))).toBe("ALLOW within_limits");
    expect(said(await ask("b", "3", { account_id: "ann" }))).toBe("DELAY cooldown_breach");
    await guardian.freeze("account", "bob", ORDER);
    expect(said(await pay("r", payouts))).toContain("REJECT wallet_frozen");
    // a is reserved, b requested: 2 and this one.
    const third = await ask("f", "1", { account_id: "ann", risk: "MEDIUM" });
    expect(said(third)).toBe("FREEZE window_limit cooldown_breach");
  });

  it.each<[string, Parameters<typeof life>[0], readonly PayoutIn[], string]>([
    [
      "within the largest withdrawal each",
      { max_per_tx: "3" },
      [p1, p2, p3],
      "ALLOW within_limits",
    ],
    [
      "one above the largest withdrawal",
      { max_per_tx: "2.99999999" },
      [p1, p2, p3],
      "REJECT per_tx_limit",
    ],
    ["together at the day's limit", { max_24h: "6" }, [p1, p2, p3], "ALLOW within_limits"],
    [
      "together above the day's limit",
      { max_24h: "5.99999999" },
      [p1, p2, p3],
      "REJECT daily_limit",
    ],
    [
      "as many as a window takes",
      { windows: [{ seconds: 60, max_count: 3 }] },
      [p1, p2, p3],
      "ALLOW within_limits",
    ],
    [
      "more than a window takes",
      { windows: [{ seconds: 60, max_count: 2 }] },
      [p1, p2, p3],
      "REJECT window_limit",
    ],
    [
      "an account's share above its limit",
      { max_24h: "9", limits: { account: { max_24h: "2" } } },
      [payout("1", "1", "ann"), payout("2", "2", "ann"), payout("3", "1", "bob")],
      "REJECT daily_limit",
    ],
    [
      "each account within its limit",
      { max_24h: "9", limits: { account: { max_24h: "2" } } },
      [payout("1", "1", "ann"), payout("2", "1", "ann"), payout("3", "2", "bob")],
      "ALLOW within_limits",
    ],
  ])("has %s", async (_what, policy, payouts, expected) => {
    const { pay } = start(policy);
    const answer = await pay("p", payouts);
    expect(said(answer)).toBe(expected);
    expect(answer).not.toHaveProperty("retry_after_ms");
  });

  it("waits for room for all of its payouts, in amount and in number", async () => {
    const { ask, pay } = start({ ...EXPLICIT, windows: [{ seconds: 60, max_count: 3 }] });
    await ask("a", "5");
    expect(said(await pay("p", [p1, p2, p3]))).toBe("DELAY daily_limit window_limit");
    expect(said(await pay("q", [payout("4", "2"), payout("5", "3")]))).toBe("ALLOW within_limits");
  });

  it("is checked once against the cooldown of a scope, and starts one", async () => {
    const { pay } = start({ ...EXPLICIT, max_24h: "100", cooldown_seconds: 60 });
    expect(said(await pay("p", [p1, p2]))).toBe("ALLOW within_limits");
    expect(said(await pay("q", [p3]))).toBe("DELAY cooldown_breach");
    expect((await pay("p", [p1, p2])).repeated).toBe(true);
  });

  it("names the account, the limit and the scope that refuse it", async () => {
    const policy = {
      max_24h: "9",
      max_per_tx: "1.5",
      limits: {
        account: { windows: [{ seconds: 3_600, max_amount: "2" }] },
        global: { max_24h: "3" },
      },
    };
    const { pay } = start(policy);
    const answer = await pay("p", [payout("1", "3", "bob"), payout("2", "1", "ann")]);
    expect(answer.breaches).toEqual([
      { code: "per_tx_limit", scope: "wallet:hot-1", limit: "max_per_tx" },
      { code: "window_limit", scope: "account:bob", limit: "limits/account/windows/0" },
      { code: "daily_limit", scope: "global", limit: "limits/global/max_24h" },
    ]);
    expect(answer.reason_codes).toEqual(["per_tx_limit", "window_limit", "daily_limit"]);
  });

  it.each<[string, readonly PayoutIn[]]>([
    ["another amount", [p1, payout("2", "2.00000001")]],
    ["another account", [p1, payout("2", "2", "ann")]],
    ["one payout more", [p1, p2, p3]],
    ["one payout less", [p1]],
    ["another order", [p2, p1]],
  ])("is refused once its content is %s", async (_what, payouts) => {
    const { pay } = start();
    await pay("p", [p1, p2]);
    expect(said(await pay("p", payouts))).toBe("REJECT content_changed");
  });

  it("of the one payout with its own id is that withdrawal", async () => {
    const { ask, pay } = start();
    const first = await pay("w", [payout("w", "2")]);
    expect(first.final).toBe(true);
    expect(await ask("w", "2")).toEqual({ ...first, repeated: true });
  });

  /** What has become of the payment p of the payouts 1 and 2 when payout 2 is requested in q. */
  const MOVES: readonly [string, (with_: Life) => Promise<unknown>, string][] = [
    ["reserved", () => Promise.resolve(), "REJECT in_other_payment"],
    [
      "reserved for one more millisecond",
      async ({ time }) => {
        time.now += VALID_MS - 1;
        await Promise.resolve();
      },
      "REJECT in_other_payment",
    ],
    ["claimed", ({ claim }) => claim("p"), "REJECT in_other_payment"],
    [
      "claimed, long ago",
      async ({ claim, time }) => {
        await claim("p");
        time.now += 10 * VALID_MS;
      },
      "REJECT in_other_payment",
    ],
    [
      "committed",
      async ({ claim, commit }) => {
        await claim("p");
        await commit("p");
      },
      "REJECT already_committed",
    ],
    [
      "lapsed",
      async ({ time }) => {
        time.now += VALID_MS;
        await Promise.resolve();
      },
      "ALLOW within_limits",
    ],
    ["released", ({ release }) => release("p"), "ALLOW within_limits"],
  ];

  it.each(MOVES)("that is %s gives a payout away or not", async (_what, happens, expected) => {
    const with_ = start();
    await with_.pay("p", [p1, p2]);
    await happens(with_);
    const answer = await with_.pay("q", [p2, p3]);
    expect([said(answer), answer.final]).toEqual([expected, expected.startsWith("ALLOW")]);
    if (expected.endsWith("already_committed")) expect(answer.txid).toBe(TXID);
    // a withdrawal of its own is a payment like any other
    const alone = await with_.ask("1", "1");
    expect(said(alone)).toBe(expected);
  });

  it("that was only delayed gives its payouts away", async () => {
    const { ask, pay } = start();
    await ask("x", "10");
    expect(said(await pay("p", [p1, p2]))).toBe("DELAY daily_limit");
    expect(said(await pay("q", [p2]))).toBe("DELAY daily_limit");
    expect(said(await ask("1", "1"))).toBe("DELAY daily_limit");
  });

  it("does not take what a withdrawal of its own holds", async () => {
    const { ask, claim, pay } = start();
    await ask("1", "1");
    expect(said(await pay("p", [p1, p2]))).toBe("REJECT in_other_payment");
    await claim("1");
    expect(said(await pay("p", [p1, p2]))).toBe("REJECT in_other_payment");
  });

  it.each<[string, readonly PayoutIn[]]>([
    ["a payout's", [payout("p", "1"), p2]],
    ["a payment's", [payout("other", "1")]],
  ])("whose id is %s is refused or is something else", async (_what, payouts) => {
    const { pay } = start();
    await pay("other", [p3, payout("4", "1")]);
    const answer = await pay("p", payouts);
    expect(answer.final).toBe(false);
    expect(["invalid_withdrawal", "content_changed"]).toContain(answer.reason_codes[0]);
  });

  it("that lost a payout is not in force any more, and counts it no more", async () => {
    const { claim, pay, spent, time } = start();
    await pay("p", [p1, p2]);
    time.now += VALID_MS;
    await pay("q", [p2, p3]);
    await claim("q");
    expect(await spent()).toBe("5");
    expect(said(await pay("p", [p1, p2]))).toBe("REJECT in_other_payment");
    expect(said(await claim("p"))).toBe("REJECT reservation_lapsed");
  });

  it("that was paid after it lost a payout counts that one twice", async () => {
    const { claim, commit, pay, spent, time } = start();
    await pay("p", [p1, p2]);
    time.now += VALID_MS;
    await pay("q", [p2, p3]);
    await claim("q");
    await commit("q", { txid: "01".repeat(32) });
    expect(told(await commit("p", { txid: "02".repeat(32) }))).toBe("accepted late_commit");
    // 2 + 3 of q, 1 + 2 of p
    expect(await spent()).toBe("8");
  });

  it.each<[string, (with_: Life) => Promise<{ reason_codes: readonly string[]; detail?: string }>]>(
    [
      ["released", ({ release }) => release("1")],
      ["claimed", ({ claim }) => claim("1")],
    ],
  )("is %s as a whole", async (_what, call) => {
    const with_ = start();
    await with_.pay("p", [p1, p2]);
    const answer = await call(with_);
    expect(answer.reason_codes).toEqual(["part_of_payment"]);
    expect(answer.detail).toMatch(/^it is a payout of the payment p: /);
    expect(await with_.spent()).toBe("3");
  });

  it("is committed by the id of any of its payouts: one transaction pays all of it", async () => {
    const { commit, claim, ledger, pay, spent } = start();
    await pay("p", [p1, p2]);
    await claim("p");
    expect(told(await commit("2"))).toBe("accepted");
    expect(await ledger.withdrawal("p")).toMatchObject({ status: "committed" });
    expect(await commit("1")).toMatchObject({ accepted: true, repeated: true });
    expect(await spent()).toBe("3");
  });
});
