/** Rows A1: what a wrong reading of the clock may do to a node, input by input. */
import { defenseStateSchema } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { eventsFromSentinel, toEnvelope, toSignals } from "../../src/index.js";
import { event, node, T } from "../support/events.js";

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
const by = { operator: "ann", reason: "NTP was set" };
const attack = (nowMs: number, event_id = "attack") =>
  event({ event_id, severity: 1, observed_at_ms: nowMs, expires_at_ms: nowMs + 600_000 });
const order = (lockdown: string, until_ms: number) => ({
  kind: "lockdown",
  lockdown,
  until_ms,
  operator: "ann",
  reason: "attack",
});
const restart = (defended: ReturnType<typeof node>) =>
  node({ snapshot: JSON.parse(JSON.stringify(defended.snapshot())) as never });

describe("a look at a wrong time", () => {
  it.each([T + 2 * HOUR_MS, T + YEAR_MS, T - YEAR_MS, 1_782_664_800, NaN])(
    "changes nothing (%d)",
    (wrongMs) => {
      const defended = node();
      defended.apply([attack(T)], T);
      const before = defended.snapshot();
      defended.state(wrongMs);
      expect(defended.snapshot()).toEqual(before);
      expect(defended.state(T + 1_000)).toMatchObject({ lockdown: "FULL", clock: "trusted" });
    },
  );
});

describe("a clock that was ahead and is right again", () => {
  const jumped = () => {
    const defended = node();
    defended.apply([], T);
    defended.apply([], T + 2 * HOUR_MS);
    return defended;
  };

  it("takes an attack dated now, at once, an hour later, over a restart, and once it caught up", () => {
    const defended = jumped();
    const full = { lockdown: "FULL", level: "critical" };
    expect(defended.apply([attack(T + 1_000)], T + 1_000)).toMatchObject({
      ...full,
      clock: "behind",
    });
    const again = restart(defended);
    expect(again.apply([attack(T + HOUR_MS)], T + HOUR_MS)).toMatchObject(full);
    const caughtUp = T + 2 * HOUR_MS + 60_000;
    expect(again.apply([attack(caughtUp)], caughtUp)).toMatchObject({ ...full, clock: "trusted" });
    expect(again.state(caughtUp).lockdown).toBe("FULL");
  });

  it("is at least elevated while it is behind, and names fault and way out", () => {
    const state = defenseStateSchema.parse(jumped().state(T));
    expect(state).toMatchObject({ clock: "behind", level: "elevated", score: 0.25, as_of_ms: T });
    expect(state.reason).toBe(
      "The clock is 7200 s behind the latest time known, and nothing ends by it. Set it right, or accept it as an operator if it is right.",
    );
    expect(state.actions.map(({ action }) => action)).toContain("check_clock");
    expect(toSignals(state)).toMatchObject([
      { severity: 0.25, observed_at: T, metadata: { causes: ["clock_untrusted"] } },
    ]);
    expect(toEnvelope(state, "r").reason_codes).toContain("ADN_CLOCK_BEHIND");
  });

  it("takes back what the wrong time ended", () => {
    const defended = node();
    defended.apply([attack(T)], T);
    expect(defended.apply([], T + 2 * HOUR_MS).lockdown).toBe("NONE");
    expect(defended.apply([], T + 1_000)).toMatchObject({ lockdown: "FULL", clock: "behind" });
    const accepted = defended.acceptClock(by, T + 2_000);
    expect(accepted).toMatchObject({ lockdown: "FULL", clock: "trusted" });
    expect(defended.state(T + 600_999).lockdown).toBe("FULL");
    expect(defended.state(T + 601_000).lockdown).toBe("NONE");
  });

  it("takes back a forced state that the wrong time ended", () => {
    const defended = node();
    defended.override(order("FULL", T + HOUR_MS), T);
    expect(defended.apply([], T + 2 * HOUR_MS).lockdown).toBe("NONE");
    expect(defended.apply([], T + 1_000).lockdown).toBe("FULL");
  });

  it("takes an operator's order by the wall clock", () => {
    const defended = jumped();
    const state = defended.override(order("FULL", T + HOUR_MS), T + 1_000);
    expect(state.lockdown).toBe("FULL");
    expect(state.actions.map(({ action }) => action)).not.toContain("refuse_order");
    expect(defended.state(T + HOUR_MS - 1).lockdown).toBe("FULL");
  });

  it("ends nothing while it is behind, however long", () => {
    const defended = jumped();
    defended.apply([attack(T + 1_000)], T + 1_000);
    for (let nowMs = T + 1_000; nowMs < T + HOUR_MS; nowMs += 60_000) {
      expect(defended.apply([], nowMs)).toMatchObject({ lockdown: "FULL", clock: "behind" });
    }
  });

  it("lets no order lower anything while it is behind: its end is unknown", () => {
    const defended = jumped();
    defended.apply([attack(T)], T);
    expect(defended.override(order("NONE", T + 300_000), T).lockdown).toBe("FULL");
    expect(defended.acceptClock(by, T + 1_000).lockdown).toBe("NONE");
    expect(defended.state(T + 300_000).lockdown).toBe("FULL");
  });
});

describe("a step ahead that a monotonic clock shows", () => {
  const at = (wallMs: number, passedMs: number) => ({ now_ms: wallMs, monotonic_ms: passedMs });

  it("ends nothing, and takes alarms by either clock", () => {
    const defended = node();
    defended.apply([attack(T)], at(T, 0));
    const ahead = at(T + 2 * HOUR_MS, 1_000);
    expect(defended.apply([], ahead)).toMatchObject({ lockdown: "FULL", clock: "ahead" });
    const byOwn = defended.apply([attack(T + 2 * HOUR_MS, "own")], ahead);
    expect(byOwn.events.map(({ event_id }) => event_id)).toContain("own");
    const byOther = defended.apply([attack(T + 1_000, "other")], ahead);
    expect(byOther.events.map(({ event_id }) => event_id)).toContain("other");
    expect(defended.apply([], at(T + 2_000, 2_000))).toMatchObject({ clock: "trusted" });
  });

  it("ends with an operator's acceptance, and keeps what is left of an alarm that came meanwhile", () => {
    const defended = node();
    defended.apply([], at(T, 0));
    const wall = T + 2 * HOUR_MS;
    defended.apply([attack(wall)], at(wall, 1_000));
    expect(defended.acceptClock(by, at(wall + 1_000, 2_000))).toMatchObject({
      lockdown: "FULL",
      clock: "trusted",
    });
    expect(defended.state(at(wall + 600_999, 602_000)).lockdown).toBe("FULL");
    expect(defended.state(at(wall + 700_000, 702_000)).lockdown).toBe("NONE");
  });

  it("follows slow drift", () => {
    const defended = node();
    let wall = T;
    // 0.2 s an hour for a day, as a clock that is slewed
    for (let hour = 0; hour <= 24; hour++) {
      wall = T + hour * (HOUR_MS + 200);
      expect(defended.apply([], at(wall, hour * HOUR_MS)).clock).toBe("trusted");
    }
    expect(defended.apply([attack(wall)], at(wall, 24 * HOUR_MS)).lockdown).toBe("FULL");
  });
});

describe("a reading that gives no time", () => {
  it.each([
    [
      1_782_664_800,
      "1782664800 is before 2009: seconds were given where milliseconds are expected",
    ],
    [1.7826648e15, "is after 2100: microseconds were given where milliseconds are expected"],
    [NaN, "NaN is not a whole number of milliseconds since 1970"],
    [-5, "-5 is before 2009"],
    [T + 0.5, "is not a whole number"],
    [undefined, "undefined is not a reading of a clock"],
    [null, "null is not a reading of a clock"],
    [{ now_ms: T }, "object is not a reading of a clock"],
    [{ now_ms: T, monotonic_ms: NaN }, "monotonic_ms is not a finite number"],
  ])("%o leads to FULL, with its text, and drops nothing", (reading, text) => {
    const defended = node();
    defended.apply([event({ event_id: "held" })], T + 10);
    const state = defended.apply([event({ event_id: "e-2", severity: 0.6 })], reading as number);
    expect(defenseStateSchema.parse(state)).toMatchObject({
      lockdown: "FULL",
      level: "critical",
      clock: "behind",
      as_of_ms: T + 10,
    });
    expect(state.reason).toContain(text);
    expect(defended.state(reading as number).reason).toContain(text);
    const later = defended.state(T + 20);
    expect(later).toMatchObject({ lockdown: "FULL", score: 0.8, clock: "trusted" });
    expect(later.events.map(({ event_id }) => event_id)).toEqual(["held", "e-2"]);
  });

  it("loses no alarm of a node that has seen no time yet", () => {
    const defended = node();
    defended.apply([attack(T)], T / 1_000);
    expect(defended.state(T).lockdown).toBe("FULL");
    expect(restart(defended).apply([], T + 599_000).lockdown).toBe("FULL");
  });

  it("gives an order no time to be judged by, but for the node's own", () => {
    const fresh = node().override(order("FULL", T + HOUR_MS), NaN);
    expect(fresh.actions.at(-1)?.reason).toMatch(/^until_out_of_range/);
    const defended = node();
    defended.apply([], T);
    defended.override(order("FULL", T + HOUR_MS), NaN);
    expect(defended.state(T + 1_000).lockdown).toBe("FULL");
  });

  it("makes makers report it, and no finding count as long over", () => {
    const [fault] = eventsFromSentinel({} as never, T / 1_000);
    expect(fault).toMatchObject({ type: "malformed_event", severity: 1 });
    expect(fault?.summary).toContain("seconds were given where milliseconds are expected");
    expect(node().apply([fault], T).lockdown).toBe("FULL");
  });
});

describe("acceptClock", () => {
  it("is recorded, and survives a restart", () => {
    const defended = node();
    defended.apply([], T + YEAR_MS);
    expect(defended.state(T)).toMatchObject({ clock: "behind" });
    defended.acceptClock(by, T);
    const acceptance = { at_ms: T, time_ms: T + YEAR_MS, ...by };
    expect(defended.clockAcceptances()).toEqual([acceptance]);
    const again = restart(defended);
    expect(again.clockAcceptances()).toEqual([acceptance]);
    expect(again.state(T + 1_000)).toMatchObject({ clock: "trusted", level: "normal" });
  });

  it("dates what lies in the future now: with its own lifetime, and no milder than a fresh one", () => {
    const defended = node();
    const wrong = T + YEAR_MS;
    defended.apply([attack(wrong)], wrong);
    defended.override(order("PARTIAL", wrong + HOUR_MS), wrong);
    defended.acceptClock(by, T);
    expect(defended.state(T + 600_999).lockdown).toBe("PARTIAL");
    expect(defended.state(T + HOUR_MS - 1).lockdown).toBe("PARTIAL");
    expect(defended.state(T + HOUR_MS).lockdown).toBe("NONE");
    const { since_ms } = defended.state(T);
    expect(since_ms).toBeLessThanOrEqual(T);
    restart(defended);
  });

  it.each<[title: string, operator: unknown, reading: unknown, refusal: string]>([
    ["nothing", null, T, "invalid_order at /: a plain object expected, null given"],
    ["no operator", { reason: "r" }, T, "invalid_order at /operator: "],
    ["no reason", { operator: "ann", reason: "" }, T, "invalid_order at /reason: "],
    ["seconds", by, T / 1_000, "clock_invalid: 1782664800 is before 2009: seconds"],
  ])("refuses %s, and changes nothing", (_title, operator, reading, refusal) => {
    const defended = node();
    defended.apply([], T + HOUR_MS);
    const before = defended.snapshot();
    const { actions } = defended.acceptClock(operator, reading as number);
    expect(actions.at(-1)).toMatchObject({ action: "refuse_order" });
    expect(actions.at(-1)?.reason.startsWith(refusal)).toBe(true);
    expect(defended.snapshot()).toEqual(before);
  });
});

describe("an event's own dates", () => {
  it("count by the wall clock where that is trusted: what has ended stays ended", () => {
    expect(node().apply([attack(T - HOUR_MS)], T).lockdown).toBe("NONE");
  });

  it("end nothing while the clock is not trusted", () => {
    const defended = node();
    defended.apply([], T + HOUR_MS);
    const inconsistent = event({ severity: 1, observed_at_ms: T, expires_at_ms: T - HOUR_MS });
    expect(defended.apply([inconsistent], T).lockdown).toBe("FULL");
  });

  it("of an earlier report soften nothing while the clock is not trusted", () => {
    const defended = node();
    defended.apply([], T + HOUR_MS);
    defended.apply([attack(T)], T);
    const mild = { ...attack(T - 60_000), severity: 0.1 };
    expect(defended.apply([mild], T + 1_000)).toMatchObject({ lockdown: "FULL", score: 1 });
  });

  it("are not older than known for a step back within the permitted skew", () => {
    const defended = node();
    defended.apply([attack(T + 4_000)], T + 4_000);
    defended.apply([attack(T)], T);
    expect(defended.state(T + 600_999).lockdown).toBe("FULL");
  });
});
