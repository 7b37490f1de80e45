import { type DefenseEvent, envelopeSchema, signalV2Schema } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toEnvelope, toSignals } from "../../src/index.js";
import { event, node, T } from "../support/events.js";

const someEvent = (local: fc.Arbitrary<boolean>): fc.Arbitrary<DefenseEvent> =>
  fc
    .record({
      n: fc.nat(5),
      severity: fc.double({ min: 0, max: 1, noNaN: true }),
      local,
      latched: fc.boolean(),
      type: fc.constantFrom("rpc_abuse", "sentinel_alert", "dqsn_critical"),
    })
    .map(({ n, severity, local: isLocal, latched, type }) =>
      event({
        event_id: `${isLocal ? "local" : "remote"}-${n}`,
        severity,
        local: isLocal,
        type,
        ...(latched && { expires_at_ms: null }),
      }),
    );

describe("toSignals", () => {
  it("reports the worst local cause", () => {
    const events = [
      event(),
      event({ event_id: "e-2", severity: 0.9, type: "sentinel_alert" }),
      event({ event_id: "e-3", severity: 1, type: "dqsn_critical", local: false }),
    ];
    const [signal] = toSignals(node().apply(events, T + 10), { operator: "ann" });
    expect(signalV2Schema.parse(signal)).toEqual({
      node_id: "node-1",
      source: "adn",
      type: "lockdown",
      severity: 0.9,
      metadata: { causes: ["rpc_abuse", "sentinel_alert"] },
      observed_at: T + 10,
      operator: "ann",
    });
  });

  it("is not changed by anything that is not local: no feedback loop", () => {
    fc.assert(
      fc.property(
        fc.array(someEvent(fc.boolean()), { maxLength: 12 }),
        fc.array(fc.constantFrom(null, "junk")),
        (events, malformed) => {
          const all = node().apply([...events, ...malformed], T + 10);
          const localOnly = node().apply(
            events.filter((each) => each.local),
            T + 10,
          );
          expect(toSignals(all)).toEqual(toSignals(localOnly));
        },
      ),
    );
  });

  it("lets no report from afar make a local event of the same id graver", () => {
    const defended = node();
    defended.apply([event({ severity: 0.5, expires_at_ms: null })], T + 10);
    const state = defended.apply(
      [event({ severity: 1, expires_at_ms: null, local: false })],
      T + 20,
    );
    expect(state.lockdown).toBe("FULL");
    expect(toSignals(state)[0]?.severity).toBe(0.5);
  });
});

describe("toEnvelope", () => {
  it.each([
    [0.1, "ALLOW", "LOW"],
    [0.3, "WARN", "MEDIUM"],
    [0.5, "WARN", "MEDIUM"],
    [0.6, "BLOCK", "HIGH"],
    [1, "BLOCK", "CRITICAL"],
  ])("maps severity %d to %s", (severity, decision, tier) => {
    const envelope = toEnvelope(node().apply([event({ severity })], T + 10), "r-1");
    expect(envelopeSchema.parse(envelope)).toMatchObject({
      component: "adn",
      decision,
      risk: { score: severity, tier },
    });
    expect(envelope.reason_codes).toContain("ADN_RPC_ABUSE");
  });

  it("blocks whenever the node is locked down fully, whatever its thresholds", () => {
    const defended = node({ thresholds: { partial: 0.1, full: 0.2 } });
    const envelope = toEnvelope(defended.apply([event({ severity: 0.2 })], T + 10), "r-1");
    expect(envelope).toMatchObject({ decision: "BLOCK", risk: { tier: "LOW" } });
  });

  it("stays small under a flood", () => {
    const flood = Array.from({ length: 250 }, (_, i) =>
      event({ event_id: `f-${i}`, type: `type_${i}`, summary: "x".repeat(512) }),
    );
    const envelope = envelopeSchema.parse(toEnvelope(node().apply(flood, T + 10), "r-1"));
    expect(envelope.evidence["events_total"]).toBe(250);
    expect(envelope.evidence["events"]).toHaveLength(16);
  });
});
