import { afterAll, describe, expect, it } from "vitest";
import { harness, MINUTE, said, SIM_POLICY, START_MS } from "../support/guardian.js";
import { LEDGERS } from "../support/ledgers.js";

describe.each(LEDGERS)("GW-SIM-001 on the %s ledger", (_name, createLedger) => {
  const { guardian, ledger, time, events, ask } = harness(SIM_POLICY, createLedger());
  afterAll(() => ledger.close());

  const at = async (minute: number, amount: string, risk: string) => {
    time.now = START_MS + minute * MINUTE;
    return ask(`sim-${minute}`, amount, { risk });
  };

  it("plays as the scenario has it", async () => {
    const normal = await at(0, "3000", "LOW");
    expect(said(normal)).toBe("ALLOW within_limits");
    expect(normal).toMatchObject({ final: true, allowed_now: "5000" });
    expect(normal.valid_until_ms).toBe(START_MS + MINUTE);

    // 3 min since the last ALLOW, 10 are required: 7 to go
    const early = await at(3, "4000", "LOW");
    expect(said(early)).toBe("DELAY cooldown_breach");
    expect(early).toMatchObject({ final: false, retry_after_ms: 7 * MINUTE, allowed_now: "0" });

    // 3,000 allowed + 4,000 requested + 5,000 = 12,000 > 10,000; 8 min < 10 min
    const elevated = await at(8, "5000", "MEDIUM");
    expect(said(elevated)).toBe("FREEZE daily_limit cooldown_breach");
    expect(elevated.freeze?.scopes).toEqual(["wallet:hot-1"]);
    expect(elevated.retry_after_ms).toBeUndefined();

    // 3,000 + 4,000 + 2,500 = 9,500: within the day, but the wallet is frozen and risk is HIGH
    const high = await at(15, "2500", "HIGH");
    expect(said(high)).toBe("REJECT high_risk_lockdown high_risk_freeze");
    expect(events.map(({ action }) => action)).not.toContain("frozen_persistent_attempts");

    // the third rejection of the frozen wallet within 30 min: 8, 15, 25
    const persistent = await at(25, "1000", "HIGH");
    expect(said(persistent)).toBe(
      "REJECT high_risk_lockdown high_risk_freeze frozen_persistent_attempts",
    );
    const event = events.find(({ action }) => action === "frozen_persistent_attempts");
    expect(event).toMatchObject({ fingerprint: "wallet:hot-1", severity: 0.9 });

    const wallet = await guardian.wallet("hot-1");
    expect(wallet).toMatchObject({
      frozen: true,
      attempts: 3,
      windows: [{ code: "daily_limit", spent: "3000", requested: "4000" }],
    });
  });
});
