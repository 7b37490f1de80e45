import { envelopeSchema, signalV2Schema } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { toEnvelope, toSignals } from "../src/index.js";
import { harness, SIM_POLICY } from "./support/guardian.js";

describe("toEnvelope", () => {
  it.each([
    ["1", "LOW", "ALLOW", 0, ["DWG_WITHIN_LIMITS"]],
    ["1", "MEDIUM", "ALLOW", 0.25, ["DWG_WITHIN_LIMITS"]],
    ["6000", "LOW", "BLOCK", 0.6, ["DWG_PER_TX_LIMIT"]],
    ["1", "HIGH", "BLOCK", 0.6, ["DWG_HIGH_RISK_FREEZE"]],
    ["0", "LOW", "ERROR", 1, ["DWG_INVALID_WITHDRAWAL"]],
    ["1", "NONE", "ERROR", 1, ["DWG_INVALID_RISK"]],
  ])("makes of %s at %s a valid %s", async (amount, risk, decision, score, codes) => {
    const answer = await harness(SIM_POLICY).ask("w", amount, { risk });
    const envelope = toEnvelope({ ...answer, record: { secret: true } } as never, "r-1");
    expect(envelopeSchema.parse(envelope)).toEqual(envelope);
    expect(envelope).toMatchObject({ decision, reason_codes: codes, component: "wallet_guardian" });
    expect(envelope.risk.score).toBe(score);
    expect(envelope.evidence).not.toHaveProperty("record");
  });
});

describe("toSignals", () => {
  const reporter = { node_id: "exchange-1", operator: "exchange" };
  it.each([
    ["6000", "LOW", ["per_tx_limit"]],
    ["6000", "MEDIUM", ["per_tx_limit"]],
    ["11000", "LOW", ["per_tx_limit", "daily_limit"]],
    ["11000", "MEDIUM", ["per_tx_limit"]], // what counts in a window depends on risk
    ["1", "HIGH", []], // risk alone froze
    ["1", "LOW", []],
  ])("gives for %s at %s the local causes %o", async (amount, risk, types) => {
    const signals = toSignals(await harness(SIM_POLICY).ask("w", amount, { risk }), reporter);
    expect(signals.map(({ type }) => type)).toEqual(types);
    for (const signal of signals) {
      expect(signalV2Schema.parse(signal)).toMatchObject({ ...reporter, source: "wallet_guard" });
      expect(signal.severity).toBeLessThan(0.6);
    }
  });
});
