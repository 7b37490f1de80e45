/** A reservation holds room until it lapses, and asking again takes no place from others (design, section 7: life of a payment). */
import { describe, expect, it } from "vitest";
import type { GuardianPolicyInput } from "../../src/index.js";
import { EXPLICIT, life, MEMORIES, told } from "../support/life.js";
import { HOUR, MINUTE, said, START_MS, VALID_MS } from "../support/guardian.js";

describe.each(MEMORIES)("a reservation on the %s ledger", (_name, createLedger) => {
  const start = (policy: Parameters<typeof life>[0] = EXPLICIT) => life(policy, createLedger());

  it("counts while it holds, and returns its room by itself to the millisecond", async () => {
    const { ask, spent, time } = start();
    await ask("w", "10");
    expect(await ask("x", "1")).toMatchObject({ decision: "DELAY", retry_after_ms: VALID_MS });
    time.now += VALID_MS - 1;
    expect(await ask("x", "1")).toMatchObject({ decision: "DELAY", retry_after_ms: 1 });
    expect(await spent()).toBe("10");
    time.now += 1;
    expect(await spent()).toBe("0");
    expect(said(await ask("x", "10"))).toBe("REJECT content_changed");
    expect(said(await ask("y", "10"))).toBe("ALLOW within_limits");
  });

  it("counts in the number of a window as in its amount", async () => {
    const policy: GuardianPolicyInput = {
      windows: [{ seconds: HOUR / 1_000, max_count: 1 }],
      claim: "explicit",
    };
    const { ask, time } = start(policy);
    await ask("w", "1");
    expect(await ask("x", "1")).toMatchObject({ decision: "DELAY", retry_after_ms: VALID_MS });
    time.now += VALID_MS;
    expect(said(await ask("x", "1"))).toBe("ALLOW within_limits");
  });

  it("is the same answer again while it holds, which prolongs nothing", async () => {
    const { ask, time } = start();
    const first = await ask("w", "10");
    time.now += VALID_MS - 1;
    expect(await ask("w", "10")).toEqual({ ...first, repeated: true, valid_for_ms: 1 });
    time.now += 1;
    const fresh = await ask("w", "10");
    expect(fresh).toMatchObject({ final: true, decided_at_ms: time.now, valid_for_ms: VALID_MS });
    expect(fresh).not.toHaveProperty("repeated");
  });

  it("that lapses is made again at once the first time, and then after a pause that doubles up to an hour", async () => {
    const { ask, time } = start();
    const pauses: number[] = [];
    await ask("w", "10");
    for (let lapse = 1; lapse <= 9; lapse++) {
      time.now += VALID_MS;
      const answer = await ask("w", "10");
      if (answer.final) pauses.push(0);
      else {
        expect(said(answer)).toBe("DELAY reservation_lapsed");
        expect(answer.allowed_now).toBe("0");
        const wait = answer.retry_after_ms ?? NaN;
        pauses.push(wait);
        time.now += wait - 1;
        expect(said(await ask("w", "10"))).toBe("DELAY reservation_lapsed");
        time.now += 1;
        expect((await ask("w", "10")).final).toBe(true);
      }
    }
    const minutes = pauses.map((ms) => ms / MINUTE);
    expect(minutes).toEqual([0, 1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it("that is requested each second and never claimed takes no place from others for long", async () => {
    const { ask, claim, time } = start();
    let waited = 0;
    for (let n = 0; n < 24; n++) {
      for (;;) {
        await ask("never", "10");
        const answer = await ask(`honest-${n}`, "0.4");
        if (answer.final) break;
        expect(said(answer)).toBe("DELAY daily_limit");
        time.now += 1_000;
        waited += 1;
      }
      await claim(`honest-${n}`);
    }
    // two reservations, one after the other, before the first pause
    expect(waited).toBeLessThanOrEqual(120);
  });

  it("that was lapsed keeps its pause when other rules refuse meanwhile, or the payment is released", async () => {
    const { ask, freeze, guardian, time } = start();
    await ask("w", "10");
    time.now += VALID_MS;
    await ask("w", "10");
    time.now += VALID_MS;
    expect(said(await ask("w", "10"))).toBe("DELAY reservation_lapsed");
    const { cause_id = "" } = await freeze();
    expect(said(await ask("w", "10"))).toBe("REJECT wallet_frozen reservation_lapsed");
    await guardian.unfreeze("cause", cause_id, { operator: "op", reason: "r" });
    expect(await ask("w", "10")).toMatchObject({ retry_after_ms: MINUTE });
  });

  it("that is released returns its room at once, and is no lapse", async () => {
    const { ask, claim, release, spent } = start();
    for (let n = 0; n < 20; n++) {
      expect((await ask("w", "10")).final).toBe(true);
      expect(told(await release("w"))).toBe("accepted");
      expect(await spent()).toBe("0");
      expect(said(await claim("w"))).toBe("REJECT not_reserved");
    }
  });

  it("is never claimable together with others above the limit, whatever is released between", async () => {
    const { ask, claim, release } = start();
    for (let n = 0; n < 20; n++) {
      await ask(`w-${n}`, "10");
      await release(`w-${n}`);
    }
    await ask("last", "10");
    const claims = await Promise.all(
      [...Array.from({ length: 20 }, (_, n) => `w-${n}`), "last"].map((id) => claim(id)),
    );
    expect(claims.filter(({ decision }) => decision === "ALLOW").length).toBe(1);
  });

  it.each<[string, object, string]>([
    ["risk is higher", { risk: "MEDIUM" }, "ALLOW within_limits"],
    ["the wallet would be above its limit without it", { risk: "LOW" }, "ALLOW within_limits"],
  ])("does not count against itself where %s", async (_what, how, expected) => {
    const { ask, spent, time } = start();
    await ask("w", "10");
    time.now += 1_000;
    expect(said(await ask("w", "10", how))).toBe(expected);
    expect(await spent()).toBe("10");
  });

  it.each([
    ["HIGH", "FREEZE high_risk_freeze", "0"],
    ["MEDIUM", "ALLOW within_limits", "10"],
  ])("is renewed or ends with a fresh evaluation at %s", async (risk, expected, left) => {
    const { ask, ledger, spent, time } = start();
    await ask("w", "10");
    time.now += 1_000;
    const answer = await ask("w", "10", { risk });
    expect(said(answer)).toBe(expected);
    expect(await spent()).toBe(left);
    const [status, counted_at_ms] =
      left === "0" ? ["open", null] : ["reserved", START_MS + 1_000 + VALID_MS];
    expect(await ledger.withdrawal("w")).toMatchObject({ status, counted_at_ms });
  });

  it("that is delayed afresh counts as requested alone", async () => {
    const ledger = createLedger();
    const [before, after] = [
      life(EXPLICIT, ledger),
      life({ ...EXPLICIT, cooldown_seconds: 3_600 }, ledger),
    ];
    await before.ask("first", "1");
    await before.ask("w", "9");
    // another policy: the ALLOW is not in force
    expect(said(await after.ask("w", "9"))).toBe("DELAY cooldown_breach");
    expect(await after.guardian.wallet("hot-1")).toMatchObject({
      windows: [{ spent: "1", spent_count: 1, requested: "9", requested_count: 1 }],
    });
  });

  it("of implicit claims does not exist: an ALLOW may have been signed", async () => {
    const { ask, release, spent } = start({ max_24h: "10" });
    let allowed = 0;
    for (let n = 0; n < 20; n++) {
      if ((await ask(`w-${n}`, "10")).final) allowed += 1;
      await release(`w-${n}`);
    }
    expect([allowed, await spent()]).toEqual([1, "10"]);
  });

  it("of a window as long as the validity lets nothing leave before the last moment of signing", async () => {
    const { ask, time } = start({ windows: [{ seconds: 60, max_amount: "100" }] });
    let [signed, at] = [0, 0];
    // each is signed at the last moment of its validity
    for (let second = 0; second <= 240; second++) {
      if ((await ask(`w-${second}`, "100")).final) {
        if (signed > 0) expect(second * 1_000 - at).toBeGreaterThanOrEqual(125_000);
        [signed, at] = [signed + 100, second * 1_000];
      }
      time.now += 1_000;
    }
    expect(signed).toBe(200);
  });
});
