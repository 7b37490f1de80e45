import { describe, expect, it } from "vitest";
import { createEnvelope, envelopeSchema, isEnvelope, type JsonObject } from "../src/index.js";

const envelope = createEnvelope({
  component: "sentinel",
  request_id: "r-1",
  decision: "ALLOW",
  score: 0.1,
  reason_codes: ["SENTINEL_NORMAL"],
  evidence: {},
}) as unknown as JsonObject;

describe("isEnvelope", () => {
  it("accepts an envelope", () => {
    expect(isEnvelope(envelope)).toBe(true);
  });

  it.each(Object.keys(envelopeSchema.shape))("refuses an envelope without %s", (key) => {
    const rest = Object.entries(envelope).filter(([name]) => name !== key);
    expect(isEnvelope(Object.fromEntries(rest))).toBe(false);
  });

  it.each([
    ["a tenth key", { ...envelope, signature: "x" }],
    ["a third key of risk", { ...envelope, risk: { score: 0, tier: "LOW", x: 1 } }],
    ["a second key of meta", { ...envelope, meta: { fail_closed: true, x: 1 } }],
    ["evidence that is a list", { ...envelope, evidence: [] }],
    ["evidence that is null", { ...envelope, evidence: null }],
    ["a decision that every object has", { ...envelope, decision: "toString" }],
    ["a score above 1", { ...envelope, risk: { score: 1.0000000000000002, tier: "LOW" } }],
    ["a list", [envelope]],
    ["null", null],
  ])("refuses %s", (_, value) => {
    expect(isEnvelope(value)).toBe(false);
  });
});
