import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DefenseNode } from "../src/index.js";
import { event, HOLD_MS, node, T } from "./support/events.js";

/** A snapshot without what passes with the time alone. */
function lasting(defense: DefenseNode): object {
  const { time_ms, settled_ms, checksum, ...rest } = defense.snapshot();
  return { rest, hasTimes: time_ms >= 0 && settled_ms >= 0 && checksum !== "" };
}

const operator = { operator: "ops", reason: "checked" };
const order = { kind: "lockdown", ...operator, lockdown: "NONE", until_ms: T + 100_000 };

const telemetry = { peers: 8, mempool_bytes: null, height: null, rpc: null };

const step = fc.oneof(
  fc.record({
    event_id: fc.constantFrom("a", "b"),
    severity: fc.constantFrom(0.1, 0.6, 0.9),
    expires_at_ms: fc.constantFrom(T + 500, T + 5_000, null),
  }),
  fc.constantFrom("quiet", "malformed", "order", "telemetry", "accept", "state"),
);

describe("revision", () => {
  it("changes whenever more than the times of the memory has changed", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(step, fc.integer({ min: -8_000, max: HOLD_MS }))), (steps) => {
        const defense = node();
        let now_ms = T + 10;
        let before = { revision: defense.revision(), memory: lasting(defense) };
        for (const [what, by] of steps) {
          now_ms = Math.max(T, now_ms + by);
          if (typeof what === "object") defense.apply([event(what)], now_ms);
          else if (what === "quiet") defense.apply([], now_ms);
          else if (what === "malformed") defense.apply([null], now_ms);
          else if (what === "order") defense.override(order, now_ms);
          else if (what === "telemetry") defense.noteTelemetry(telemetry, now_ms);
          else if (what === "accept") defense.acceptClock(operator, now_ms);
          else defense.state(now_ms);
          const after = { revision: defense.revision(), memory: lasting(defense) };
          if (after.revision === before.revision) expect(after.memory).toEqual(before.memory);
          before = after;
        }
      }),
    );
  });

  it("stays while only time passes, and changes with an event, its end and an order", () => {
    const defense = node();
    const revisions = [defense.revision()];
    const note = () => revisions.push(defense.revision());
    defense.apply([], T);
    note();
    defense.apply([event()], T + 10);
    note();
    defense.apply([], T + 20);
    note();
    defense.override(order, T + 30);
    note();
    defense.apply([], T + 10 + 500 + HOLD_MS);
    note();
    const [first = 0] = revisions;
    expect(revisions.map((revision) => revision - first)).toEqual([0, 0, 1, 1, 2, 3]);
  });
});
