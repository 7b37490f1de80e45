/** Bounds of a node's memory, in bytes. */
import { describe, expect, it } from "vitest";
import { event, node, T } from "./support/events.js";

/** Most bytes that one character takes in JSON: a control character as an escape. */
const WORST = "\u0001";
const id = (n: number) => `${String(n).padStart(5, "0")}${"\u{1F6E1}".repeat(123)}`;
const operator = "\u{1F6E1}".repeat(128);

/** A node with as much in its memory as it takes. */
function fullest() {
  const defended = node({ max_clock_skew_ms: 0 });
  const worst = { type: "t".repeat(64), source: "s".repeat(64), summary: WORST.repeat(512) };
  const reason = WORST.repeat(256);
  for (let i = 0; i < 256; i++) {
    const nowMs = T + i;
    defended.apply([event({ ...worst, event_id: id(i), expires_at_ms: null, severity: 1 })], nowMs);
    defended.override({ kind: "release", event_id: id(i), operator, reason }, nowMs);
  }
  for (let i = 0; i < 64; i++) {
    const severity = 1 - i / 100;
    const until = T + 1_000 + i;
    defended.apply(
      [event({ ...worst, event_id: id(i + 500), expires_at_ms: until, severity })],
      T + 900,
    );
  }
  defended.apply([], T + 9_000);
  const latches = Array.from({ length: 400 }, (_, i) =>
    event({ ...worst, event_id: id(i + 1_000), expires_at_ms: null, severity: 0.123_456_789 }),
  );
  defended.apply(latches, T + 9_000);
  const order = { kind: "lockdown", lockdown: "FULL", until_ms: T + 99_000 };
  defended.override({ ...order, operator, reason }, T + 9_000);
  for (let i = 0; i < 33; i++) defended.acceptClock({ operator, reason }, T + 9_000);
  return defended;
}

describe("the memory of a node", () => {
  it("is at most 2,100,000 bytes of JSON, whatever came", () => {
    const snapshot = fullest().snapshot();
    expect([snapshot.causes.length, snapshot.ended.length]).toEqual([253, 64]);
    const bytes = Buffer.byteLength(JSON.stringify(snapshot));
    expect(bytes).toBeGreaterThan(1_700_000);
    expect(bytes).toBeLessThan(2_100_000);
  });

  it("loads again at its largest", () => {
    const snapshot = fullest().snapshot();
    expect(node({ snapshot, max_clock_skew_ms: 0 }).snapshot()).toEqual(snapshot);
  });
});

describe("what is handed in", () => {
  it("is read no deeper and no wider than an event is", () => {
    let shared: unknown = [];
    for (let i = 0; i < 30; i++) shared = Array.from({ length: 500 }, () => shared);
    expect(node().apply([shared, { ...event(), extra: shared }], T).lockdown).toBe("FULL");
    expect(node().override({ kind: shared }, T).actions.at(-1)?.action).toBe("refuse_order");
  });
});
