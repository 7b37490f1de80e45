/** Sequences by which more than a limit was once signed, a rejection was bypassed, or others were frozen. */
import { canonicalHash } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { createGuardian, type GuardianPolicyInput, type Ledger } from "../../src/index.js";
import { LEDGERS } from "../support/ledgers.js";

const START_MS = 1_782_664_805_000;
const ORDER = { operator: "ann", reason: "clock was corrected" };
const [TX1, TX2] = ["01".repeat(32), "02".repeat(32)];
const signer = { signer_id: "s", risk: "LOW" } as const;

/** A process on a ledger, with a clock of its own. */
function process(ledger: Ledger, policy: GuardianPolicyInput) {
  const time = { now: START_MS };
  const guardian = createGuardian({ policy, ledger, clock: () => time.now });
  const ask = (withdrawal_id: string, amount: string, more: object = {}) =>
    guardian.evaluate({ withdrawal_id, wallet_id: "h", amount, ...more }, "LOW");
  return { guardian, time, ask };
}

const EXPLICIT = { max_24h: "100", claim: "explicit" } as const;

describe.each(LEDGERS)("on the %s ledger", (_name, createLedger) => {
  it("a reservation that lapsed is not claimed beside what took its room, after the clock was set back", async () => {
    const { guardian, time, ask } = process(createLedger(), EXPLICIT);
    await ask("p", "100");
    time.now += 61_000;
    expect((await ask("q", "100")).final).toBe(true);
    expect((await guardian.claim("q", signer)).decision).toBe("ALLOW");
    time.now -= 31_000;
    await guardian.acceptClock(ORDER);
    expect(await guardian.claim("p", signer)).toMatchObject({
      decision: "DELAY",
      reason_codes: ["daily_limit"],
    });
  });

  it("a payment that lost a payout is not claimed, after the clock was set back", async () => {
    const { guardian, time } = process(createLedger(), { ...EXPLICIT, max_24h: "1000" });
    const payout = (withdrawal_id: string) => ({ withdrawal_id, amount: "10" });
    const pay = (payment_id: string, payouts: { withdrawal_id: string; amount: string }[]) =>
      guardian.evaluate({ payment_id, wallet_id: "h", payouts }, "LOW");
    await pay("p", [payout("a"), payout("b")]);
    time.now += 61_000;
    expect((await pay("q", [payout("a")])).final).toBe(true);
    expect((await guardian.claim("q", signer)).decision).toBe("ALLOW");
    time.now -= 31_000;
    await guardian.acceptClock(ORDER);
    expect((await guardian.claim("p", signer)).reason_codes).toEqual(["allow_not_in_force"]);
  });

  it("an acceptance by a process with short claims drops no long claim of another one", async () => {
    const ledger = createLedger();
    const window = { windows: [{ seconds: 3_600, max_amount: "100" }] };
    const long = process(ledger, { ...window, name: "long", allow_valid_seconds: 3_600 });
    const short = process(ledger, { ...window, name: "short", allow_valid_seconds: 10 });
    expect((await long.ask("p", "100")).final).toBe(true);
    await short.guardian.acceptClock(ORDER);
    // p may be signed until 3,600 s, and counts for 3,600 s after that, and the skew
    short.time.now += 3_616_000;
    expect((await short.ask("q", "100")).final).toBe(false);
    short.time.now = START_MS + 7_204_999;
    expect((await short.ask("q", "100")).final).toBe(false);
    short.time.now += 1;
    expect((await short.ask("q", "100")).final).toBe(true);
  });

  it("no request takes the id under which a payment counts once more", async () => {
    const { guardian, ask } = process(createLedger(), { max_24h: "1000" });
    const payment = { payment_id: "w", txid: TX2, withdrawal_id: "w" };
    const id = `double-${canonicalHash(payment).slice(0, 32)}`;
    expect(await ask(id, "1")).toMatchObject({
      reason_codes: ["invalid_withdrawal"],
      path: "/withdrawal_id",
    });
    await ask("w", "10");
    await guardian.commit("w", { txid: TX1 });
    expect((await guardian.commit("w", { txid: TX2 })).reason_codes).toEqual(["double_payment"]);
    expect(await guardian.wallet("h")).toMatchObject({ windows: [{ spent: "20" }] });
  });

  it("money that moved without a claim is not counted in the past where there is no time", async () => {
    const ledger = createLedger();
    const { guardian, time, ask } = process(ledger, EXPLICIT);
    await ask("w", "100");
    time.now += 2 * 86_400_000;
    const seconds = createGuardian({ policy: EXPLICIT, ledger, clock: () => time.now / 1_000 });
    expect(await seconds.commit("w", { txid: TX1 })).toMatchObject({
      accepted: false,
      reason_codes: ["clock_untrusted"],
    });
    expect((await guardian.commit("w", { txid: TX1 })).reason_codes).toEqual(["late_commit"]);
    expect((await ask("x", "100")).final).toBe(false);
  });

  it("a destination is not registered by a clock that gives no time", async () => {
    const policy = { max_24h: "100", new_destination_seconds: 3_600 };
    const guardian = createGuardian({
      policy,
      ledger: createLedger(),
      clock: () => START_MS / 1_000,
    });
    const target = { wallet_id: "h", address: "dgb1qnew" };
    expect((await guardian.registerDestination(target)).reason_codes).toEqual(["clock_untrusted"]);
  });

  it("two destinations of one payment that look alike are delayed", async () => {
    const { ask } = process(createLedger(), { max_24h: "100", destination_lookalikes: true });
    const destinations = ["qqqq", "pppp"].map((middle) => ({
      address: `dgb1qaaaacccc${middle}ffffdddd`,
      amount: "1",
    }));
    expect((await ask("w", "2", { destinations })).reason_codes).toEqual(["destination_lookalike"]);
  });

  it("one account that is frozen again and again freezes no wallet", async () => {
    const policy: GuardianPolicyInput = {
      max_24h: "1000",
      freeze_scope: "account",
      freeze_seconds: 60,
      limits: { account: { windows: [{ seconds: 3_600, max_amount: "1" }] } },
    };
    const { guardian, time } = process(createLedger(), policy);
    for (let n = 0; n < 8; n++) {
      const eve = { withdrawal_id: `e-${n}`, wallet_id: "h", account_id: "eve", amount: "2" };
      expect((await guardian.evaluate(eve, "MEDIUM")).reason_codes).not.toContain(
        "accounts_frozen",
      );
      time.now += 61_000;
    }
  });
});
