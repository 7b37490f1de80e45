/** `withdrawal_spike`: what Guardian's events show, counted once, bounded, and never kept up by itself. */
import { defenseStateSchema } from "@dgb-shield/contract";
import { describe, expect, it } from "vitest";
import { createDefenseNode } from "../../src/index.js";
import { T } from "../support/events.js";
import { events, guardianEvent } from "../support/inputs.js";

const MINUTE = 60_000;
const WINDOW = 10 * MINUTE;
const node = (change: object = {}) =>
  createDefenseNode({ node_id: "node-1", hold_ms: 1_000, event_ttl_ms: MINUTE, ...change });
const spike = { type: "withdrawal_spike", source: "wallet_guardian", local: true };

describe("noteWithdrawals", () => {
  it.each([
    ["refused payments", "limit_breach", 20],
    ["freezes", "freeze", 3],
    ["persistent attempts", "frozen_persistent_attempts", 3],
    ["a spike of one wallet", "spike", 1],
  ])("makes a withdrawal_spike of %s at the threshold, and not below", (_title, action, count) => {
    const defended = node();
    expect(defended.noteWithdrawals(events(action, count - 1), T).events).toEqual([]);
    const state = defended.noteWithdrawals(events(action, count), T + 1);
    expect(defenseStateSchema.parse(state)).toMatchObject({
      level: "elevated",
      lockdown: "NONE",
      events: [
        {
          ...spike,
          severity: 0.25,
          event_id: `withdrawal_spike:${T + 1}`,
          expires_at_ms: T + 1 + MINUTE,
        },
      ],
    });
  });

  it("is 0.4 from four times the threshold, and never more: customers can stage it", () => {
    const defended = node();
    expect(defended.noteWithdrawals(events("limit_breach", 79), T).score).toBe(0.25);
    expect(defended.noteWithdrawals(events("limit_breach", 80), T).score).toBe(0.4);
    for (let i = 0; i < 10; i++) defended.noteWithdrawals(events("freeze", 1_000, `f${i}`), T);
    expect(defended.state(T)).toMatchObject({ score: 0.4, lockdown: "NONE" });
  });

  it("counts a payment once for each action, however often it is asked again", () => {
    const defended = node();
    for (let i = 0; i < 200; i++) {
      const again = guardianEvent("limit_breach", `w-${i % 19}`, { at_ms: T + i });
      expect(defended.noteWithdrawals([again], T + i).events).toEqual([]);
    }
  });

  it.each(["MEDIUM", "HIGH", null, undefined])(
    "counts nothing that was decided at risk %s",
    (risk) => {
      const extra = risk === undefined ? { risk: ["LOW"] } : { risk };
      const state = node().noteWithdrawals(events("freeze", 500, "w", extra), T);
      expect(state).toMatchObject({ score: 0, events: [] });
    },
  );

  it("counts nothing of other layers and other actions", () => {
    const foreign = events("limit_breach", 100).map((event) => ({
      ...event,
      layer: "quantum_wallet_guard" as const,
    }));
    const defended = node();
    expect(defended.noteWithdrawals(foreign, T).events).toEqual([]);
    expect(defended.noteWithdrawals(events("unfreeze", 100), T).events).toEqual([]);
    expect(defended.snapshot()).not.toHaveProperty("inputs");
  });

  it("lets go what left the window, and ends by expiry and hold once nothing new comes", () => {
    const defended = node();
    for (let i = 0; i < 19; i++)
      defended.noteWithdrawals([guardianEvent("limit_breach", `a-${i}`)], T);
    expect(
      defended.noteWithdrawals([guardianEvent("limit_breach", "b")], T + WINDOW).events,
    ).toEqual([]);
    const begin = T + 2 * WINDOW;
    defended.noteWithdrawals(events("limit_breach", 20, "c"), begin);
    expect(defended.state(begin + MINUTE + 999).level).toBe("elevated");
    expect(defended.state(begin + MINUTE + 1_000)).toMatchObject({ level: "normal", events: [] });
  });

  it("is not kept up by what its own consequence, a higher risk, has refused", () => {
    const defended = node();
    defended.noteWithdrawals(events("limit_breach", 20), T);
    for (let at = T; at < T + 2 * MINUTE; at += 1_000) {
      defended.noteWithdrawals([guardianEvent("limit_breach", `m-${at}`, { risk: "MEDIUM" })], at);
    }
    expect(defended.state(T + 2 * MINUTE).level).toBe("normal");
  });

  it("stays released while it lasts, and counts when it begins anew, also under an order", () => {
    const defended = node();
    const [{ event_id } = { event_id: "" }] = defended.noteWithdrawals(
      events("freeze", 3),
      T,
    ).events;
    const by = { operator: "ann", reason: "known customer" };
    defended.override({ kind: "release", event_id, ...by }, T + 1);
    expect(defended.noteWithdrawals(events("freeze", 1, "more"), T + 2).level).toBe("normal");
    defended.override(
      { kind: "lockdown", lockdown: "NONE", until_ms: T + 80 * MINUTE, ...by },
      T + 3,
    );
    const later = T + 2 * WINDOW;
    const state = defended.noteWithdrawals(events("freeze", 3, "new"), later);
    expect(state).toMatchObject({
      score: 0.25,
      events: [{ event_id: `withdrawal_spike:${later}` }],
    });
  });

  it.each<[title: string, given: unknown]>([
    ["no list", {}],
    ["too long", Array.from({ length: 1_025 }, () => guardianEvent("freeze", "w"))],
    ["an event that is none", [{}]],
    ["a member too many", [{ ...guardianEvent("freeze", "w"), x: 1 }]],
    ["a hole", new Array(1)],
  ])("is FULL by a malformed_event where the input is %s", (_title, given) => {
    const state = node().noteWithdrawals(given as never, T);
    expect(state).toMatchObject({ lockdown: "FULL", events: [{ type: "malformed_event" }] });
  });
});
