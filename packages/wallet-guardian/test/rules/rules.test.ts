import { parseAmount } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import {
  type CooldownState,
  evaluateAmountLimits,
  evaluateCooldown,
  evaluateDailyVolume,
  type WindowState,
} from "../../src/index.js";

const scope = { type: "wallet", id: "hot-1" } as const;
const coins = parseAmount;

describe("evaluateAmountLimits", () => {
  it.each([
    ["the limit itself", "5000", "REJECT", []],
    [
      "one base unit more",
      "5000.00000001",
      "REJECT",
      [{ code: "per_tx_limit", decision: "REJECT" }],
    ],
    [
      "one base unit more, freezing",
      "5000.00000001",
      "FREEZE",
      [{ code: "per_tx_limit", decision: "FREEZE", freezes: { scope, kind: "limit" } }],
    ],
  ] as const)("states for %s", (_what, amount, decision, findings) => {
    const said = evaluateAmountLimits(coins(amount), coins("5000"), { scope, decision });
    expect(said).toEqual({ findings, headroom: coins("5000") });
  });

  it("sets no bound without a limit, or where the table lets the breach pass", () => {
    const without = evaluateAmountLimits(coins("1"), null, { scope, decision: "REJECT" });
    expect(without).toEqual({ findings: [], headroom: null });
    const passing = evaluateAmountLimits(coins("2"), coins("1"), { scope, decision: "ALLOW" });
    expect(passing).toEqual({
      findings: [{ code: "per_tx_limit", decision: "ALLOW" }],
      headroom: null,
    });
  });
});

describe("evaluateDailyVolume", () => {
  const state = (over: Partial<WindowState> = {}): WindowState => ({
    scope,
    limit: { code: "daily_limit", windowMs: 86_400_000, maxAmount: coins("10000"), maxCount: null },
    usage: { amount: coins("7000"), count: 2, free_at_ms: 86_400_000 },
    decision: "DELAY",
    ...over,
  });

  it("lets the limit itself pass: 7,000 + 3,000 = 10,000", () => {
    expect(evaluateDailyVolume(coins("3000"), state())).toEqual({
      findings: [],
      headroom: coins("3000"),
    });
  });

  it("rejects one base unit more, and states when it will have headroom", () => {
    expect(evaluateDailyVolume(coins("3000.00000001"), state())).toEqual({
      findings: [{ code: "daily_limit", decision: "DELAY", retry_at_ms: 86_400_000 }],
      headroom: coins("3000"),
    });
  });

  it("rejects an amount above the whole window without a time to retry", () => {
    expect(evaluateDailyVolume(coins("10000.00000001"), state()).findings).toEqual([
      { code: "daily_limit", decision: "REJECT" },
    ]);
  });

  it("freezes its own scope where the table has FREEZE", () => {
    const { findings } = evaluateDailyVolume(coins("5000"), state({ decision: "FREEZE" }));
    expect(findings).toMatchObject([{ decision: "FREEZE", freezes: { scope, kind: "limit" } }]);
  });

  it.each([
    [2, []],
    [3, [{ code: "window_limit", decision: "DELAY", retry_at_ms: 60_000 }]],
  ])("counts withdrawals: %i before, 3 allowed", (count, findings) => {
    const limit = { code: "window_limit", windowMs: 60_000, maxAmount: null, maxCount: 3 } as const;
    const usage = { amount: 0n, count, free_at_ms: count < 3 ? null : 60_000 };
    const said = evaluateDailyVolume(1n, state({ limit, usage }));
    expect(said).toEqual({ findings, headroom: count < 3 ? null : 0n });
  });

  it("bounds an amount by the window's maximum even where the table lets the sum pass", () => {
    expect(evaluateDailyVolume(coins("9000"), state({ decision: "ALLOW" }))).toMatchObject({
      findings: [{ code: "daily_limit", decision: "ALLOW" }],
      headroom: coins("10000"),
    });
  });
});

describe("evaluateCooldown", () => {
  const state = (over: Partial<CooldownState>): CooldownState => ({
    now_ms: 600_000,
    last_allow_ms: 0,
    cooldown_ms: 600_000,
    decision: "DELAY",
    ...over,
  });

  it.each([
    ["has just passed", state({}), []],
    [
      "has one millisecond to go",
      state({ now_ms: 599_999 }),
      [{ code: "cooldown_breach", decision: "DELAY", retry_at_ms: 600_000 }],
    ],
    ["never began", state({ last_allow_ms: null }), []],
    ["is none", state({ now_ms: 0, cooldown_ms: 0 }), []],
  ])("states of a cooldown that %s", (_what, given, findings) => {
    const { findings: said, headroom } = evaluateCooldown(given);
    expect(said).toEqual(findings);
    expect(headroom).toBe(findings.length === 0 ? null : 0n);
  });
});
