/** Row G3: when causes overflow the mildest go first, and what goes stays counted. */
import { defenseStateSchema } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { event, node, T } from "../support/events.js";

const many = (length: number, change: Parameters<typeof event>[0], prefix = "f") =>
  Array.from({ length }, (_, i) => event({ event_id: `${prefix}-${i}`, ...change }));
const latched = { expires_at_ms: null };

describe("too many causes", () => {
  it("evict the mildest, latched or not", () => {
    const defended = node();
    defended.apply(many(300, { severity: 0, ...latched }), T);
    const state = defended.apply([event({ event_id: "grave", severity: 0.99 })], T);
    expect(state.events.map(({ event_id }) => event_id)).toContain("grave");
    const before = node();
    before.apply([event({ event_id: "grave", severity: 0.99 })], T);
    const flooded = before.apply(many(300, { severity: 0, ...latched }), T);
    expect(flooded.events.map(({ event_id }) => event_id)).toContain("grave");
  });

  it("are reported, and never more than their bound", () => {
    const state = defenseStateSchema.parse(node().apply(many(1_000, { severity: 0.3 }), T));
    expect(state.events[0]).toMatchObject({
      event_id: "event_overflow",
      severity: 0.3,
      local: false,
    });
    expect(state.events.length).toBeLessThanOrEqual(256);
  });

  it("lock nothing down by their number alone: an overflow is as bad as the worst that went", () => {
    for (const [severity, lockdown] of [
      [0, "NONE"],
      [0.25, "NONE"],
      [0.6, "PARTIAL"],
      [0.9, "FULL"],
    ] as const) {
      const state = node().apply(many(1_000, { severity }), T);
      expect([severity, state.lockdown]).toEqual([severity, lockdown]);
      expect(state.level).not.toBe("normal");
    }
  });

  it("lose no latch: what is left of evicted ones latches as bad as the worst of them", () => {
    const defended = node();
    defended.apply([event({ event_id: "latch", severity: 0.8, ...latched })], T);
    for (let i = 0; i < 3; i++) defended.apply(many(300, { severity: 1 }, `f${i}`), T);
    const state = defended.apply([], T + 10 ** 7);
    expect(state).toMatchObject({ lockdown: "FULL", score: 0.8 });
    expect(state.events).toMatchObject([
      { event_id: "evicted_latches", type: "event_overflow", severity: 0.8, expires_at_ms: null },
    ]);
    const release = { kind: "release", event_id: "evicted_latches", operator: "ann", reason: "r" };
    expect(defended.override(release, T + 10 ** 7).lockdown).toBe("NONE");
  });

  it("end no cause before its time", () => {
    const defended = node();
    defended.apply([event({ event_id: "long", severity: 0.8, expires_at_ms: T + 80_000 })], T);
    defended.apply(many(300, { severity: 1 }), T);
    expect(defended.state(T + 80_999).lockdown).toBe("FULL");
    expect(defended.state(T + 81_000).lockdown).toBe("NONE");
  });

  it("do not undo an order that was given before, by what was there then", () => {
    const defended = node();
    defended.apply(many(250, { severity: 0.8, ...latched }), T);
    const order = { kind: "lockdown", lockdown: "NONE", until_ms: T + 80_000 };
    defended.override({ ...order, operator: "ann", reason: "r" }, T);
    defended.apply(many(20, { severity: 0.1, ...latched }, "g"), T);
    // what overflowed is new, and as mild as what went: it calls for no lockdown
    expect(defended.state(T + 10).lockdown).toBe("NONE");
    expect(defended.state(T + 2_000).lockdown).toBe("NONE");
    defended.apply(many(20, { severity: 0.9, ...latched }, "h"), T + 2_000);
    expect(defended.state(T + 2_000).lockdown).toBe("FULL");
  });

  it("leave the same, whatever order they come in", () => {
    const events = many(400, {}).map((each, i) => ({ ...each, severity: (i % 97) / 97 }));
    const kept = (list: typeof events) =>
      node()
        .apply(list, T)
        .events.map(({ event_id }) => event_id)
        .filter((id) => id.startsWith("f-"))
        .sort();
    fc.assert(
      fc.property(fc.shuffledSubarray(events, { minLength: 400 }), (list) => {
        expect(kept(list)).toEqual(kept(events));
      }),
      { numRuns: 20 },
    );
  });

  it("keep their bound where a source takes the names of the overflow", () => {
    const names = ["event_overflow", "evicted_latches", "evicted_causes"].flatMap((event_id) =>
      [true, false].map((local) =>
        event({ event_id, type: "event_overflow", source: "adn", local }),
      ),
    );
    const defended = node();
    const posing = many(300, { type: "event_overflow", source: "adn" }, "posing");
    for (let i = 0; i < 3; i++) {
      defended.apply([...names, ...posing, ...many(300, {}, `f${i}`)], T + i);
    }
    const snapshot = defended.snapshot();
    expect(snapshot.causes.length).toBeLessThanOrEqual(256);
    expect(node({ snapshot }).state(T + 10).lockdown).toBe("FULL");
  });
});

describe("an event whose severity falls step by step", () => {
  it("is no overflow, and falls after the hold", () => {
    const defended = node();
    for (let i = 0; i < 900; i++) {
      const nowMs = T + i;
      const life = { observed_at_ms: nowMs, expires_at_ms: nowMs + 90_000 };
      defended.apply([event({ severity: 1 - i / 1_000, ...life })], nowMs);
    }
    const { events, lockdown } = defended.state(T + 900);
    expect([events.length, lockdown]).toEqual([1, "FULL"]);
    expect(defended.state(T + 2_500)).toMatchObject({ lockdown: "NONE" });
  });
});
