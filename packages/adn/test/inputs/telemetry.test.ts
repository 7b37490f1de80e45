/** Telemetry of the node and its RPC: peers, mempool, height, calls; thresholds, clocks, restarts. */
import { describe, expect, it } from "vitest";
import { createDefenseNode, type DefenseNode, type DefenseSnapshot } from "../../src/index.js";
import { T, without } from "../support/events.js";
import { rpc, sample } from "../support/inputs.js";

const MINUTE = 60_000;
const WINDOW = 10 * MINUTE;
const inputs = { spacing_ms: 15_000, max_mempool_bytes: 1_000_000 };
const CONFIG = { node_id: "node-1", hold_ms: 1_000, event_ttl_ms: MINUTE, inputs };
const node = (change: object = {}) => createDefenseNode({ ...CONFIG, ...change });
/** Types and severities that are active. */
const found = (state: ReturnType<DefenseNode["state"]>) =>
  state.events.map(({ type, severity }) => [type, severity]);

describe("noteTelemetry", () => {
  it("makes nothing of a quiet node, nor of what is not known", () => {
    const defended = node();
    for (let i = 0; i < 40; i++) {
      expect(found(defended.noteTelemetry(sample({ height: 100 + i }), T + i * 15_000))).toEqual(
        [],
      );
    }
    const nothing = { peers: null, mempool_bytes: null, height: null, rpc: null };
    expect(found(node().noteTelemetry(nothing, T))).toEqual([]);
  });

  it.each([
    [4, []],
    [3, [["peers_lost", 0.4]]],
    [0, [["peers_lost", 0.6]]],
  ])("judges %d peers", (peers, expected) => {
    expect(found(node().noteTelemetry(sample({ peers }), T))).toEqual(expected);
  });

  it.each([
    [999_999, []],
    [1_000_000, [["mempool_flood", 0.25]]],
    [4_000_000, [["mempool_flood", 0.4]]],
  ])("judges a mempool of %d bytes, where a threshold is configured", (mempool_bytes, expected) => {
    expect(found(node().noteTelemetry(sample({ mempool_bytes }), T))).toEqual(expected);
    expect(found(node({ inputs: {} }).noteTelemetry(sample({ mempool_bytes }), T))).toEqual([]);
  });

  it("finds a height that stands: 20 spacings, three times that is high, and a new one ends it", () => {
    const defended = node();
    const at = (ms: number, height = 100) =>
      found(defended.noteTelemetry(sample({ height }), T + ms));
    for (let ms = 0; ms < 300_000; ms += 15_000) expect([ms, at(ms)]).toEqual([ms, []]);
    expect(at(300_000)).toEqual([["height_stalled", 0.4]]);
    for (let ms = 315_000; ms < 900_000; ms += 15_000)
      expect([ms, at(ms)]).toEqual([ms, [["height_stalled", 0.4]]]);
    expect(at(900_000)).toEqual([["height_stalled", 0.6]]);
    at(915_000, 101);
    expect(found(defended.state(T + 900_000 + MINUTE + 1_000))).toEqual([]);
  });

  it("takes a gap of more than the window for no standing still, and judges no height without a spacing", () => {
    const defended = node();
    defended.noteTelemetry(sample(), T);
    expect(found(defended.noteTelemetry(sample(), T + WINDOW + 1))).toEqual([]);
    const without = node({ inputs: {} });
    for (let ms = 0; ms < 900_000; ms += 15_000) without.noteTelemetry(sample(), T + ms);
    expect(found(without.state(T + 900_000))).toEqual([]);
  });

  it.each([
    ["unauthorized", 20],
    ["refused", 200],
    ["calls", 60_000],
  ] as const)("makes an rpc_abuse of too many: %s, from %d in a window", (name, limit) => {
    const defended = node();
    const tenth = rpc({ [name]: limit / 10 });
    for (let i = 0; i < 9; i++) {
      expect(found(defended.noteTelemetry(tenth, T + i * 50_000))).toEqual([]);
    }
    expect(found(defended.noteTelemetry(tenth, T + 450_000))).toEqual([["rpc_abuse", 0.25]]);
    expect(found(defended.noteTelemetry(rpc({ [name]: limit * 3 }), T + 451_000))).toEqual([
      ["rpc_abuse", 0.4],
    ]);
    const slow = node();
    for (let i = 0; i < 100; i++) {
      expect(found(slow.noteTelemetry(tenth, T + i * 90_000))).toEqual([]);
    }
  });

  it("counts in bounded memory, whatever comes", () => {
    const defended = node({ inputs: { window_ms: 3_600_000 } });
    for (let i = 0; i < 3_000; i++)
      defended.noteTelemetry(rpc({ calls: 2 ** 40, refused: 1 }), T + i * 7_000);
    const { inputs: kept } = defended.snapshot();
    expect(kept?.buckets.length).toBeLessThanOrEqual(12);
    expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThan(4_000);
  });

  it.each<[title: string, given: unknown]>([
    ["nothing", null],
    ["an empty object", {}],
    ["a negative number", sample({ peers: -1 })],
    ["a fraction", sample({ height: 0.5 })],
    ["a text", { ...sample(), peers: "10" }],
    ["a field too many", { ...sample(), x: 1 }],
  ])("is FULL by a malformed_event where the sample is %s", (_title, given) => {
    const state = node().noteTelemetry(given as never, T);
    expect(state).toMatchObject({ lockdown: "FULL", events: [{ type: "malformed_event" }] });
  });

  it("stays FULL at a reading that gives no time, and counts all the same", () => {
    const defended = node();
    defended.noteTelemetry(sample(), T);
    expect(defended.noteTelemetry(rpc({ unauthorized: 20 }), NaN).lockdown).toBe("FULL");
    expect(found(defended.state(T + 1))).toEqual([["rpc_abuse", 0.25]]);
  });
});

describe("the memory of inputs", () => {
  it("outlives a restart: counts go on, and an event keeps its place", () => {
    const before = node();
    before.noteTelemetry(rpc({ unauthorized: 19 }), T);
    const after = node({ snapshot: JSON.parse(JSON.stringify(before.snapshot())) as never });
    const [{ event_id } = { event_id: "" }] = after.noteTelemetry(
      rpc({ unauthorized: 1 }),
      T + 1_000,
    ).events;
    const again = node({ snapshot: after.snapshot() });
    expect(again.noteTelemetry(rpc({ unauthorized: 1 }), T + 2_000).events).toMatchObject([
      { event_id },
    ]);
    expect(again.snapshot().inputs).toEqual({
      ...again.snapshot().inputs,
      since: { rpc_abuse: T + 1_000 },
    });
  });

  it("is absent before the first input, so that a snapshot of before is read", () => {
    const { snapshot } = { snapshot: node().snapshot() };
    expect(snapshot).not.toHaveProperty("inputs");
    expect(node({ snapshot }).state(T).lockdown).toBe("NONE");
  });

  it.each<[title: string, path: string, alter: (inputs: Record<string, never[]>) => void]>([
    [
      "a count of the future",
      "/inputs/buckets/0",
      (kept) => Object.assign(kept["buckets"]![0]!, { at_ms: T + 9_999 }),
    ],
    [
      "a height of the future",
      "/inputs/height",
      (kept) => Object.assign(kept["height"]!, { at_ms: T + 9_999 }),
    ],
    [
      "a height since later than its report",
      "/inputs/height",
      (kept) => Object.assign(kept["height"]!, { since_ms: T + 1, at_ms: T }),
    ],
  ])("that does not hold together is refused: %s", async (_title, path, alter) => {
    const { checksumOf } = await import("../../src/internal/checksum.js");
    const defended = node();
    defended.noteTelemetry(sample(), T);
    const content = without(structuredClone(defended.snapshot()), "checksum") as DefenseSnapshot;
    alter(content.inputs as never);
    const snapshot = { ...content, checksum: checksumOf(content) };
    const refusal = expect.objectContaining({
      code: "invalid_config",
      path: `/snapshot${path}`,
    }) as Error;
    expect(() => node({ snapshot })).toThrow(refusal);
  });

  it("follows an accepted clock in both directions", () => {
    const by = { operator: "ann", reason: "NTP" };
    const behind = node();
    behind.noteTelemetry(rpc({ unauthorized: 19 }), T + 50 * MINUTE);
    behind.acceptClock(by, T);
    expect(found(behind.noteTelemetry(rpc({ unauthorized: 1 }), T + 1_000))).toEqual([
      ["rpc_abuse", 0.25],
    ]);
    expect(found(behind.noteTelemetry(sample(), T + 50 * MINUTE))).toEqual([]);
    const ahead = node();
    ahead.noteTelemetry(rpc({ unauthorized: 19 }), { now_ms: T, monotonic_ms: 0 });
    ahead.acceptClock(by, { now_ms: T + 50 * MINUTE, monotonic_ms: 1_000 });
    const reading = { now_ms: T + 50 * MINUTE + 1_000, monotonic_ms: 2_000 };
    expect(found(ahead.noteTelemetry(rpc({ unauthorized: 1 }), reading))).toEqual([
      ["rpc_abuse", 0.25],
    ]);
  });

  it("ends nothing while the clock is behind, and counts at the node's standing time", () => {
    const defended = node();
    defended.noteTelemetry(rpc({ unauthorized: 10 }), T + WINDOW);
    const state = defended.noteTelemetry(rpc({ unauthorized: 10 }), T);
    expect(state).toMatchObject({ clock: "behind", level: "elevated" });
    expect(found(state)).toEqual([["rpc_abuse", 0.25]]);
  });

  it.each(["window_ms", "max_freezes", "spacing_ms", "max_rpc_calls"])(
    "refuses a threshold of 0: %s",
    (field) => {
      const refusal = expect.objectContaining({
        code: "invalid_config",
        path: `/inputs/${field}`,
      }) as Error;
      expect(() => node({ inputs: { [field]: 0 } })).toThrow(refusal);
    },
  );
});
