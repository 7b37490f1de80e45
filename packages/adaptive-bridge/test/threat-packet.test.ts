import { levelOfScore, type ShieldEvent } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toThreatPacket } from "../src/index.js";
import { eventOf } from "./support/events.js";

const severityOf = (severity: number) => toThreatPacket(eventOf(1, { severity })).severity;

/** The largest double below `value`, for a positive normal one. */
function justBelow(value: number): number {
  const bits = new BigInt64Array(new Float64Array([value]).buffer);
  bits[0]! -= 1n;
  return new Float64Array(bits.buffer)[0]!;
}

describe("toThreatPacket", () => {
  it.each([
    [0, 0],
    [0.05, 0],
    [0.1, 1],
    [0.25, 2],
    [0.3, 3],
    [0.55, 5],
    [justBelow(0.6), 5],
    [0.6, 6],
    [0.7, 7],
    [justBelow(0.9), 8],
    [0.9, 9],
    [justBelow(1), 9],
    [1, 10],
    [NaN, 10],
    [-0.1, 10],
    [1.1, 10],
  ])("rounds a severity of %d down to %d", (severity, expected) => {
    expect(severityOf(severity)).toBe(expected);
  });

  it("agrees with the one scale: 6 begins HIGH, 9 begins CRITICAL", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (severity) => {
        const level = levelOfScore(severity);
        expect(severityOf(severity) >= 6).toBe(level === "high" || level === "critical");
        expect(severityOf(severity) >= 9).toBe(level === "critical");
      }),
    );
  });

  it("describes a plain event", () => {
    const extra = { reason_codes: ["daily_limit"], amount: "5000" };
    const event = eventOf(7, { user_id: "u-1", extra });
    expect(toThreatPacket(event)).toEqual({
      source_layer: "wallet_guardian",
      threat_type: "wallet_frozen",
      severity: 5,
      description: "wallet_guardian: wallet_frozen (wallet-a)",
      correlation_id: "e-7",
      metadata: {
        event_id: "e-7",
        fingerprint: "wallet-a",
        user_id: "u-1",
        extra,
      },
    });
  });

  it("takes from extra what the packet has a place for", () => {
    const named = {
      threat_type: "reorg",
      description: "six blocks deep",
      node_id: "n-1",
      wallet_id: "hot-1",
      tx_id: "ab".repeat(32),
      block_height: 23_751_096,
      timestamp: "2026-06-28T16:40:05Z",
      correlation_id: "incident-1",
    };
    expect(toThreatPacket(eventOf(1, { extra: named }))).toMatchObject(named);
  });

  it.each<[string, ShieldEvent["extra"]]>([
    ["node_id", { node_id: 7 }],
    ["wallet_id", { wallet_id: null }],
    ["tx_id", { tx_id: " " }],
    ["block_height", { block_height: "12" }],
    ["block_height", { block_height: -1 }],
    ["timestamp", { timestamp: "yesterday" }],
    ["timestamp", { timestamp: 1_782_664_805_000 }],
  ])("leaves out a %s that is none, and keeps it in the metadata", (key, extra) => {
    const packet = toThreatPacket(eventOf(1, { extra }));
    expect(packet).not.toHaveProperty(key);
    expect(packet.metadata["extra"]).toEqual(extra);
  });
});
