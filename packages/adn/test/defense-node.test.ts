import { type DefenseState, defenseStateSchema } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDefenseNode } from "../src/index.js";
import { event, HOLD_MS, node, T } from "./support/events.js";

/** A state without its texts: of two equally bad causes either may be named. */
const withoutWords = (state: DefenseState) => ({ ...state, reason: "", actions: [] });

describe("apply", () => {
  it.each([
    [0, "NONE", "normal"],
    [0.4999999999999999, "NONE", "elevated"],
    [0.5, "PARTIAL", "elevated"],
    [0.6, "PARTIAL", "high"],
    [0.7499999999999999, "PARTIAL", "high"],
    [0.75, "FULL", "high"],
    [0.9, "FULL", "critical"],
    [1, "FULL", "critical"],
  ])("answers severity %d with lockdown %s and level %s", (severity, lockdown, level) => {
    const state = node().apply([event({ severity })], T + 10);
    expect(defenseStateSchema.parse(state)).toMatchObject({ lockdown, level, score: severity });
  });

  it("takes the thresholds of its configuration", () => {
    const strict = node({ thresholds: { partial: 0.1, full: 0.2 } });
    expect(strict.apply([event({ severity: 0.19 })], T + 10).lockdown).toBe("PARTIAL");
    expect(strict.apply([event({ severity: 0.2 })], T + 10).lockdown).toBe("FULL");
  });

  it("lets the worst decide, however many are mild", () => {
    const mild = Array.from({ length: 50 }, (_, i) => event({ event_id: `m-${i}`, severity: 0 }));
    const state = node().apply([...mild, event(), ...mild], T + 10);
    expect(state).toMatchObject({ lockdown: "FULL", score: 0.8 });
    expect(state.events[0]).toEqual(event());
    expect(state.events).toHaveLength(51);
  });

  it("gives the same state for any order of different events", () => {
    const severity = fc.constantFrom(0.1, 0.5, 0.5, 0.75, 0.9);
    const events = fc
      .array(fc.tuple(severity, fc.constantFrom(T + 100, T + 500, null)), { maxLength: 8 })
      .map((list) =>
        list.map(([s, expires_at_ms], i) =>
          event({ event_id: `e-${i}`, severity: s, expires_at_ms }),
        ),
      );
    fc.assert(
      fc.property(events, (list) => {
        const there = node().apply(list, T + 50);
        const back = node().apply(list.toReversed(), T + 50);
        expect(withoutWords(back)).toEqual(withoutWords(there));
      }),
    );
  });
});

describe("state", () => {
  // expires at 500, hold 1,000: it counts while now < 1,500
  it.each([
    [499, "FULL", 1],
    [500, "FULL", 0],
    [1_499, "FULL", 0],
    [1_500, "NONE", 0],
  ])("at %d ms is %s with %d active events", (ms, lockdown, active) => {
    const defended = node();
    defended.apply([event()], T + 10);
    const state = defended.state(T + ms);
    expect(state.lockdown).toBe(lockdown);
    expect(state.events).toHaveLength(active);
  });

  it("falls at its own moment however rarely one looks", () => {
    const [watched, unwatched] = [node(), node()];
    const events = [event(), event({ event_id: "e-2", severity: 0.6, expires_at_ms: T + 900 })];
    for (const each of [watched, unwatched]) each.apply(events, T + 10);
    // FULL until 500 + 1,000, PARTIAL until 900 + 1,000
    for (let ms = 10; ms < 9_000; ms += 10) watched.apply([], T + ms);
    expect(unwatched.state(T + 9_000)).toEqual(watched.apply([], T + 9_000));
    unwatched.apply([], T + 9_000);
    expect(unwatched.releases()).toEqual(watched.releases());
    expect(unwatched.releases()).toMatchObject([
      { at_ms: T + 1_500, from: "FULL", to: "PARTIAL" },
      { at_ms: T + 1_900, from: "PARTIAL", to: "NONE" },
    ]);
  });

  it("gives the reason why it is safe again", () => {
    const defended = node();
    expect(defended.apply([event()], T + 10).reason).toBe(
      "rpc_abuse from infra, severity 0.8: many failed logins",
    );
    const state = defended.state(T + 1_500);
    expect(state).toMatchObject({ since_ms: T + 1_500, lockdown: "NONE" });
    expect(state.reason).toBe(
      "Nothing as bad for 1 s after the end of rpc_abuse from infra, severity 0.8: many failed logins",
    );
    expect(defended.releases()).toEqual([]);
    defended.apply([], T + 1_500);
    expect(defended.releases()[0]?.reason).toBe(state.reason);
  });

  it("holds while the same event is renewed", () => {
    const defended = node();
    for (let nowMs = T; nowMs <= T + 5_000; nowMs += 100) {
      defended.apply([event({ observed_at_ms: nowMs, expires_at_ms: nowMs + 500 })], nowMs);
    }
    expect(defended.state(T + 6_499).lockdown).toBe("FULL");
    expect(defended.apply([], T + 6_500).lockdown).toBe("NONE");
    expect(defended.releases()).toHaveLength(1);
  });

  it("falls only after the hold when the same event is reported milder", () => {
    const defended = node();
    defended.apply([event({ expires_at_ms: T + 90_000 })], T + 10);
    const milder = event({ observed_at_ms: T + 20, severity: 0.1, expires_at_ms: T + 90_000 });
    expect(defended.apply([milder], T + 20)).toMatchObject({ lockdown: "FULL", score: 0.8 });
    expect(defended.state(T + 20 + HOLD_MS - 1).lockdown).toBe("FULL");
    expect(defended.state(T + 20 + HOLD_MS)).toMatchObject({ lockdown: "NONE", score: 0.1 });
  });

  it("rises at once, and ignores an outdated report of the same event that is milder", () => {
    const defended = node();
    defended.apply([event({ severity: 0.5, observed_at_ms: T + 50 })], T + 50);
    expect(defended.apply([event({ observed_at_ms: T + 60 })], T + 60).lockdown).toBe("FULL");
    const late = event({ observed_at_ms: T + 55, severity: 0 });
    expect(defended.apply([late], T + 61).events[0]).toMatchObject({ severity: 0.8 });
  });

  it("lets no event without a latch outlive max_event_ttl_ms", () => {
    const defended = node({ max_event_ttl_ms: 2_000 });
    defended.apply([event({ expires_at_ms: Number.MAX_SAFE_INTEGER })], T + 10);
    expect(defended.state(T + 3_009).lockdown).toBe("FULL");
    expect(defended.state(T + 3_010).lockdown).toBe("NONE");
  });

  it("is not poisoned by an observation from the future", () => {
    const defended = node();
    defended.apply([event({ observed_at_ms: T + 1e9, severity: 0.1 })], T + 10);
    const real = event({ observed_at_ms: T + 20, severity: 0.05, expires_at_ms: T + 700 });
    expect(defended.apply([real], T + 20).events).toEqual([real]);
  });
});

describe("a latched event", () => {
  const latched = event({ event_id: "retired", severity: 1, expires_at_ms: null });
  const RELEASE = { kind: "release", event_id: "retired", operator: "ann", reason: "chain chosen" };

  it("outlasts any time", () => {
    const defended = node();
    defended.apply([latched], T + 10);
    expect(defended.state(T + 1e12).lockdown).toBe("FULL");
  });

  it.each([
    ["milder", { severity: 0 }],
    ["expired", { expires_at_ms: T + 5 }],
    [
      "milder and expired, observed later",
      { severity: 0, expires_at_ms: T + 25, observed_at_ms: T + 20 },
    ],
  ])("is neither ended nor softened by a report that is %s", (_title, change) => {
    const defended = node();
    defended.apply([latched], T + 10);
    defended.apply([{ ...latched, ...change }], T + 20);
    const state = defended.state(T + 1e9);
    expect(state).toMatchObject({ lockdown: "FULL", score: 1 });
    expect(state.events).toMatchObject([{ expires_at_ms: null, severity: 1 }]);
  });

  it("is released by an operator, at once and on the record", () => {
    const defended = node();
    defended.apply([latched], T + 10);
    const state = defended.override(RELEASE, T + 5_000);
    expect(state).toMatchObject({
      lockdown: "NONE",
      since_ms: T + 5_000,
      reason: "Released by ann: chain chosen",
      events: [],
    });
    expect(defended.releases()).toEqual([
      {
        at_ms: T + 5_000,
        from: "FULL",
        to: "NONE",
        reason: "Released by ann: chain chosen",
        operator: "ann",
        event_id: "retired",
      },
    ]);
  });

  it("stays released while the same observation is reported again", () => {
    const defended = node();
    defended.apply([latched], T + 10);
    defended.override(RELEASE, T + 20);
    expect(defended.apply([latched], T + 30).lockdown).toBe("NONE");
  });

  it.each([
    ["observed anew", { observed_at_ms: T + 1 }],
    ["worse than what the operator saw", { severity: 1 }],
    ["another event", { event_id: "retired-2" }],
  ])("does not hide what is %s", (_title, change) => {
    const defended = node();
    const seen = { ...latched, severity: 0.9 };
    defended.apply([seen], T + 10);
    defended.override(RELEASE, T + 20);
    expect(defended.apply([{ ...seen, ...change }], T + 30).lockdown).toBe("FULL");
  });

  it("leaves the other causes when one is released", () => {
    const defended = node();
    defended.apply([latched, event({ event_id: "other", expires_at_ms: null })], T + 10);
    expect(defended.override(RELEASE, T + 20)).toMatchObject({ lockdown: "FULL", score: 0.8 });
    expect(defended.releases()).toMatchObject([{ from: "FULL", to: "FULL", operator: "ann" }]);
  });
});

describe("override", () => {
  const force = (lockdown: string, until_ms = T + 5_000) => ({
    kind: "lockdown",
    lockdown,
    operator: "ann",
    reason: "drill",
    until_ms,
  });
  const latched = event({ expires_at_ms: null });

  it("forces a state that ends by itself", () => {
    const defended = node();
    expect(defended.override(force("FULL"), T + 10)).toMatchObject({
      lockdown: "FULL",
      level: "high",
      score: 0.75,
      reason: "Ordered by ann: drill",
    });
    expect(defended.state(T + 4_999).lockdown).toBe("FULL");
    expect(defended.state(T + 9_000)).toMatchObject({
      lockdown: "NONE",
      level: "normal",
      since_ms: T + 5_000,
      reason: "The order of ann has ended, and nothing else calls for it.",
    });
  });

  it("lowers a state for a time, and the old causes come back after it", () => {
    const defended = node();
    defended.apply([latched], T + 10);
    const lowered = defended.override(force("NONE"), T + 20);
    expect(lowered).toMatchObject({
      lockdown: "NONE",
      level: "normal",
      reason: "Ordered by ann: drill",
    });
    expect(lowered.events).toEqual([latched]);
    expect(defended.releases()).toMatchObject([{ from: "FULL", to: "NONE", operator: "ann" }]);
    expect(defended.state(T + 5_000)).toMatchObject({ lockdown: "FULL", since_ms: T + 5_000 });
  });

  it("is not undone by renewals of what it lowered", () => {
    const defended = node();
    defended.apply([event()], T + 10);
    defended.override(force("NONE"), T + 20);
    const renewed = event({ observed_at_ms: T + 30, expires_at_ms: T + 900 });
    expect(defended.apply([renewed], T + 30).lockdown).toBe("NONE");
  });

  it.each([
    ["comes after it, in the same millisecond", { event_id: "e-2" }],
    ["worsens after it", { severity: 0.81 }],
    ["latches after it", { expires_at_ms: null }],
  ])("hides nothing that %s", (_title, change) => {
    const defended = node();
    defended.apply([event()], T + 20);
    defended.override(force("NONE"), T + 20);
    expect(defended.apply([event(change)], T + 20).lockdown).toBe("FULL");
  });

  it("does not soften what is worse than it forces", () => {
    const defended = node();
    defended.override(force("PARTIAL"), T + 10);
    expect(defended.apply([event()], T + 20)).toMatchObject({ lockdown: "FULL", score: 0.8 });
    expect(defended.state(T + 1_500)).toMatchObject({ lockdown: "PARTIAL", score: 0.5 });
  });

  it("can be cancelled", () => {
    const defended = node();
    defended.override(force("FULL"), T + 10);
    const state = defended.override({ kind: "cancel", operator: "bob", reason: "done" }, T + 20);
    expect(state).toMatchObject({ lockdown: "NONE", reason: "Order cancelled by bob: done" });
  });

  it("records no release when a cancelled order lets an old cause back in", () => {
    const defended = node();
    defended.apply([latched], T + 10);
    defended.override(force("NONE"), T + 20);
    const state = defended.override({ kind: "cancel", operator: "bob", reason: "done" }, T + 30);
    expect(state.lockdown).toBe("FULL");
    expect(defended.releases()).toHaveLength(1);
  });

  it.each<[title: string, order: unknown, refusal: string]>([
    ["not an object", null, "invalid_order at /"],
    ["of unknown kind", { ...force("NONE"), kind: "level" }, "invalid_order at /kind"],
    ["without operator", { ...force("NONE"), operator: "" }, "invalid_order at /operator"],
    ["without reason", { ...force("NONE"), reason: "" }, "invalid_order at /reason"],
    ["endless", { ...force("NONE"), until_ms: null }, "invalid_order at /until_ms"],
    ["over already", force("NONE", T + 10), "until_out_of_range at /until_ms"],
    ["too long", force("NONE", T + 86_400_011), "until_out_of_range at /until_ms"],
    ["of unknown state", force("none"), "invalid_order at /lockdown"],
    [
      "a release of nothing",
      { kind: "release", event_id: "x", operator: "ann", reason: "r" },
      "unknown_event at /event_id",
    ],
    [
      "a cancellation of nothing",
      { kind: "cancel", operator: "a", reason: "r" },
      "no_order_in_force",
    ],
  ])("refuses an order that is %s, and changes nothing", (_title, order, refusal) => {
    const defended = node();
    const before = defended.apply([latched], T + 10);
    const { actions, ...state } = defended.override(order, T + 10);
    const given = expect.stringMatching(new RegExp(`^${refusal}(:|$)`)) as string;
    expect(actions).toEqual([...before.actions, { action: "refuse_order", reason: given }]);
    expect({ ...state, actions: before.actions }).toEqual(before);
    expect(defended.state(T + 10)).toEqual(before);
  });
});

describe("a malformed event", () => {
  const WRONG: [field: string, value: unknown][] = [
    ["event_id", ""],
    ["type", "RPC"],
    ["severity", NaN],
    ["severity", 1.1],
    ["severity", "0.1"],
    ["source", undefined],
    ["observed_at_ms", -1],
    ["expires_at_ms", 1.5],
    ["local", 1],
    ["summary", ""],
    ["extra", 1],
  ];
  it.each(WRONG)("with a wrong %s (%o) is critical itself", (field, value) => {
    const state = node().apply([{ ...event({ severity: 0 }), [field]: value }], T + 10);
    expect(state).toMatchObject({ lockdown: "FULL", level: "critical" });
    expect(state.events).toEqual([
      {
        event_id: "malformed_event",
        type: "malformed_event",
        severity: 1,
        source: "adn",
        observed_at_ms: T + 10,
        expires_at_ms: T + 510,
        local: false,
        summary: expect.stringContaining(`malformed_event at /${field}: `) as string,
      },
    ]);
  });

  it("does not take the well-formed ones with it", () => {
    const state = node().apply([null, event(), undefined], T + 10);
    expect(state.events.map((each) => each.event_id)).toEqual(["malformed_event", "e-1"]);
  });

  const revoked = Proxy.revocable([], {});
  revoked.revoke();
  it.each<[title: string, batch: unknown]>([
    ["null", null],
    ["undefined", undefined],
    ["an object", {}],
    ["a text", "events"],
    ["a revoked proxy", revoked.proxy],
    ["too long an array", Array(1_024).fill(event())],
  ])("is what a batch amounts to that is %s", (_title, batch) => {
    const state = node().apply(batch as unknown[], T + 10);
    expect(state.events[0]).toMatchObject({ type: "malformed_event", severity: 1 });
  });

  it("is released by expiry and hold", () => {
    const defended = node();
    defended.apply([null], T + 10);
    expect(defended.state(T + 1_509).lockdown).toBe("FULL");
    expect(defended.state(T + 1_510).lockdown).toBe("NONE");
  });

  it("never throws on arbitrary input, and always gives a valid state", () => {
    fc.assert(
      fc.property(fc.array(fc.anything()), fc.anything(), fc.anything(), (events, order, nowMs) => {
        const defended = node();
        const locked = defended.apply(events, nowMs as number);
        expect(locked.lockdown).toBe("FULL");
        expect(defended.state(T).lockdown).toBe(events.length === 0 ? "NONE" : "FULL");
        expect(defenseStateSchema.safeParse(locked).success).toBe(true);
        const after = defended.override(order, nowMs as number);
        expect(after.lockdown).toBe(locked.lockdown);
      }),
      { numRuns: 500 },
    );
  });
});

describe("snapshot", () => {
  it("restores everything, over a restart at any moment", () => {
    const step = fc.oneof(
      fc.record({
        event_id: fc.constantFrom("a", "b", "c"),
        severity: fc.constantFrom(0.1, 0.5, 0.8, 1),
        life: fc.constantFrom(200, 3_000, null),
      }),
      fc.constantFrom("release", "cancel", "NONE", "FULL"),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.nat(1_500)), { maxLength: 30 }), (steps) => {
        const lasting = node();
        let restarted = node();
        let nowMs = T;
        for (const [what, wait] of steps) {
          nowMs += wait;
          restarted = node({ snapshot: JSON.parse(JSON.stringify(restarted.snapshot())) });
          const act = (defended: ReturnType<typeof node>) => {
            if (typeof what === "object") {
              const { event_id, severity, life } = what;
              const expires_at_ms = life === null ? null : nowMs + life;
              return defended.apply(
                [event({ event_id, severity, expires_at_ms, observed_at_ms: nowMs })],
                nowMs,
              );
            }
            const by = { operator: "ann", reason: "r" };
            if (what === "release")
              return defended.override({ kind: what, event_id: "a", ...by }, nowMs);
            if (what === "cancel") return defended.override({ kind: what, ...by }, nowMs);
            const until_ms = nowMs + 1_000;
            return defended.override({ kind: "lockdown", lockdown: what, until_ms, ...by }, nowMs);
          };
          expect(act(restarted)).toEqual(act(lasting));
        }
        expect(restarted.releases()).toEqual(lasting.releases());
        expect(restarted.snapshot()).toEqual(lasting.snapshot());
      }),
    );
  });

  it("is a copy that changes nothing", () => {
    const defended = node();
    defended.apply([event()], T + 10);
    defended.snapshot().causes.length = 0;
    expect(defended.state(T + 10).lockdown).toBe("FULL");
  });
});

describe("createDefenseNode", () => {
  const foreign = createDefenseNode({ node_id: "node-2" }).snapshot();
  it.each<[path: string, config: unknown]>([
    ["", null],
    ["/node_id", {}],
    ["/nope", { node_id: "n", nope: 1 }],
    ["/thresholds/partial", { node_id: "n", thresholds: { partial: 0 } }],
    ["/thresholds/full", { node_id: "n", thresholds: { full: 0.4 } }],
    ["/hold_ms", { node_id: "n", hold_ms: -1 }],
    ["/event_ttl_ms", { node_id: "n", event_ttl_ms: 0 }],
    ["/snapshot/node_id", { node_id: "n", snapshot: foreign }],
    ["/snapshot/time_ms", { node_id: "node-2", snapshot: { ...foreign, time_ms: -1 } }],
  ])("throws with path %o", (path, config) => {
    expect(() => createDefenseNode(config as { node_id: string })).toThrow(
      expect.objectContaining({ name: "AdnError", code: "invalid_config", path }),
    );
  });
});
