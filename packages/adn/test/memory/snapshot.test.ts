/** Row G2: a snapshot that was damaged, altered or put together wrongly starts no node. */
import { describe, expect, it } from "vitest";
import type { DefenseSnapshot } from "../../src/index.js";
import { checksumOf } from "../../src/internal/checksum.js";
import { event, node, T, without } from "../support/events.js";

/** A node with everything in its memory: causes, an ended and a lasting one, a waiver, an order, releases, an acceptance. */
function full(): DefenseSnapshot {
  const defended = node();
  defended.acceptClock({ operator: "ann", reason: "r" }, T);
  defended.apply([event({ event_id: "over", severity: 0.9 })], T);
  defended.apply([], T + 2_000);
  const later = { observed_at_ms: T + 2_000, expires_at_ms: T + 90_000 };
  defended.apply(
    [event({ event_id: "seen", ...later }), event({ event_id: "was", ...later })],
    T + 2_000,
  );
  defended.override({ kind: "release", event_id: "seen", operator: "ann", reason: "r" }, T + 2_010);
  defended.apply(
    [event({ event_id: "was", ...later, severity: 0.3, observed_at_ms: T + 2_020 })],
    T + 2_020,
  );
  defended.apply([event({ event_id: "latch", severity: 1, expires_at_ms: null })], T + 2_020);
  const order = { kind: "lockdown", lockdown: "PARTIAL", until_ms: T + 80_000 };
  defended.override({ ...order, operator: "ann", reason: "r" }, T + 2_030);
  defended.apply([event({ event_id: "new", ...later })], T + 2_040);
  return defended.snapshot();
}

const copy = <V>(value: V): V => JSON.parse(JSON.stringify(value)) as V;
const start = (snapshot: unknown) => node({ snapshot: snapshot as DefenseSnapshot });

type Place = Readonly<{
  path: string;
  value: unknown;
  put: (root: unknown, value: unknown) => void;
}>;

function placesOf(value: unknown, keys: readonly string[] = []): Place[] {
  const put = (root: unknown, other: unknown) => {
    const parent = keys
      .slice(0, -1)
      .reduce<unknown>((at, key) => Reflect.get(at as object, key), root);
    Reflect.set(parent as object, keys.at(-1) ?? "", other);
  };
  const here = keys.length === 0 ? [] : [{ path: `/${keys.join("/")}`, value, put }];
  if (typeof value !== "object" || value === null) return here;
  return [
    ...here,
    ...Object.entries(value).flatMap(([key, item]) => placesOf(item, [...keys, key])),
  ];
}

/** Other values of the same kind, and of others. */
function othersOf(value: unknown): unknown[] {
  const strangers: unknown[] = [null, 0, 1, -1, "x", true, [], {}, Number.MAX_SAFE_INTEGER];
  const near =
    typeof value === "number"
      ? [value + 1, value - 1, value * 2, value / 1_000]
      : typeof value === "string"
        ? [`${value}x`, "NONE", "PARTIAL", "FULL", "pending", "receipt", "later"]
        : typeof value === "boolean"
          ? [!value]
          : [];
  return [...strangers, ...near].filter((other) => JSON.stringify(other) !== JSON.stringify(value));
}

describe("a snapshot", () => {
  it("of a node with everything in its memory starts the same node", () => {
    const again = start(copy(full()));
    expect(again.snapshot()).toEqual(full());
    expect(again.state(T + 2_040)).toMatchObject({ lockdown: "FULL", clock: "trusted" });
  });

  it("starts the same node in whatever order a store keeps its keys", () => {
    const sorted = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(sorted);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .sort()
          .map(([key, item]) => [key, sorted(item)]),
      );
    };
    expect(start(sorted(full())).snapshot()).toEqual(full());
  });

  it("with any one field altered starts none", () => {
    const sound = full();
    const places = placesOf(sound);
    expect(places.length).toBeGreaterThan(100);
    for (const { path, value, put } of places) {
      for (const other of othersOf(value)) {
        const altered = copy(sound);
        put(altered, other);
        expect(() => start(altered), `${path} = ${JSON.stringify(other)}`).toThrow(
          expect.objectContaining({ code: "invalid_config" }) as Error,
        );
      }
    }
  });

  it("with any one field or entry missing, or doubled, starts none", () => {
    const snapshot = full();
    for (const key of Object.keys(snapshot)) {
      expect(() => start(without(snapshot, key)), key).toThrow("invalid_config");
    }
    for (const list of ["causes", "ended", "waivers", "releases", "clock_acceptances"] as const) {
      const doubled = { ...snapshot, [list]: [...snapshot[list], ...snapshot[list]] };
      expect(() => start(doubled), list).toThrow("invalid_config");
      expect(() => start({ ...snapshot, [list]: [] }), list).toThrow("invalid_config");
    }
  });

  type Draft = { -readonly [K in keyof DefenseSnapshot]: DefenseSnapshot[K] };
  const cause = (snapshot: Draft, id: string) =>
    snapshot.causes.find((one) => one.event.event_id === id) as unknown as Record<string, unknown>;

  it.each<[title: string, path: string, alter: (snapshot: Draft) => void]>([
    ["lockdown NONE beside a latch", "/lockdown", (s) => (s.lockdown = "NONE")],
    ["lockdown PARTIAL beside a newer cause", "/lockdown", (s) => (s.lockdown = "PARTIAL")],
    ["a time in the year 9999", "/time_ms", (s) => (s.time_ms = 253_402_300_799_999)],
    ["a time in seconds", "/time_ms", (s) => (s.time_ms = 1_782_664_800)],
    ["a settled time after the time", "/settled_ms", (s) => (s.settled_ms = T + 3_000)],
    ["a state since later than now", "/since_ms", (s) => (s.since_ms = T + 3_000)],
    [
      "a cause that came later than now",
      "/causes/2",
      (s) => (cause(s, "latch")["received_at_ms"] = T * 1.5),
    ],
    ["a cause known later than now", "/causes/2", (s) => (cause(s, "latch")["known_ms"] = T * 1.5)],
    [
      "a cause from beyond the sequence",
      "/causes/2",
      (s) => (cause(s, "latch")["raised_sequence"] = 99),
    ],
    ["a cause without a number", "/causes/2", (s) => (cause(s, "latch")["raised_sequence"] = 0)],
    ["a latch with an end", "/causes/2", (s) => (cause(s, "latch")["lifetime_ms"] = 0)],
    ["an end of a latch", "/causes/3", (s) => (cause(s, "new")["lifetime_ms"] = null)],
    ["a cause that has ended", "/causes/3", (s) => (cause(s, "new")["lifetime_ms"] = -9_000)],
    [
      "an ended cause that counts",
      "/ended/0",
      (s) => ((s.ended[0] as { lifetime_ms: number }).lifetime_ms = 9_000),
    ],
    ["two causes in one place", "/causes", (s) => s.causes.push(...copy(s.causes.slice(2)))],
    ["one observation waived twice", "/waivers", (s) => s.waivers.push(...copy(s.waivers))],
    [
      "an order from beyond the sequence",
      "/order/sequence",
      (s) => (s.order = { ...s.order!, sequence: 99 }),
    ],
    [
      "an order from the future",
      "/order/given_at_ms",
      (s) => (s.order = { ...s.order!, given_at_ms: T * 1.5 }),
    ],
    [
      "an order without end",
      "/order/lifetime_ms",
      (s) => (s.order = { ...s.order!, lifetime_ms: 2 ** 53 - 1 }),
    ],
    ["a sequence without room", "/sequence", (s) => (s.sequence = Number.MAX_SAFE_INTEGER)],
    ["a sequence below its causes", "/causes/0", (s) => (s.sequence = 2)],
    ["a release later than now", "/releases/0", (s) => (s.releases[0]!.at_ms = T * 1.5)],
    [
      "a release to a stricter state",
      "/releases/0",
      (s) => Object.assign(s.releases[0]!, { from: "NONE", to: "FULL" }),
    ],
    ["a fall without a release", "/fall_reason", (s) => (s.fall_reason = "all is well")],
    [
      "an acceptance later than now",
      "/clock_acceptances/0",
      (s) => (s.clock_acceptances[0]!.at_ms = T * 1.5),
    ],
    ["no causes", "/lockdown", (s) => (s.causes = [])],
    [
      "nothing at all",
      "/causes",
      (s) =>
        Object.assign(s, {
          causes: [],
          ended: [],
          order: null,
          releases: [],
          fall_reason: null,
          lockdown: "NONE",
        }),
    ],
    ["another node", "/node_id", (s) => (s.node_id = "node-2")],
    [
      "version 1",
      "/snapshot_version",
      (s) => ((s as { snapshot_version: number }).snapshot_version = 1),
    ],
  ])("with %s starts none, even when it is summed up anew", (_title, path, alter) => {
    const content = without(copy(full()), "checksum");
    alter(content as Draft);
    const altered = { ...content, checksum: checksumOf(content) };
    expect(() => start(altered)).toThrow(
      expect.objectContaining({
        code: "invalid_config",
        path: expect.stringMatching(`^/snapshot${path}`) as string,
      }) as Error,
    );
  });

  it("is settled anew, and loads again, where the configuration is another one", () => {
    const strict = node({
      snapshot: copy(full()),
      thresholds: { partial: 0.1, full: 0.2 },
      hold_ms: 9_000,
    });
    const snapshot = copy(strict.snapshot());
    const again = node({ snapshot, thresholds: { partial: 0.1, full: 0.2 }, hold_ms: 9_000 });
    expect(again.state(T + 2_050)).toEqual(strict.state(T + 2_050));
    expect(node({ snapshot, thresholds: { partial: 1, full: 1 } }).state(T + 2_050).lockdown).toBe(
      "PARTIAL",
    );
  });

  it("keeps a node loadable after a hundred releases that changed nothing", () => {
    const defended = node();
    defended.apply([event()], T);
    defended.apply([], T + 2_000);
    for (let i = 0; i < 101; i++) {
      const mild = event({ event_id: `m-${i}`, severity: 0, expires_at_ms: null });
      defended.apply([mild], T + 2_001 + i);
      defended.override(
        { kind: "release", event_id: `m-${i}`, operator: "ann", reason: "r" },
        T + 2_001 + i,
      );
    }
    expect(start(copy(defended.snapshot())).snapshot()).toEqual(defended.snapshot());
  });

  it("of a node whose order was cancelled, or that has received nothing, loads", () => {
    const defended = node();
    const order = { kind: "lockdown", lockdown: "NONE", until_ms: T + 5_000 };
    defended.override({ ...order, operator: "ann", reason: "r" }, T);
    defended.override({ kind: "cancel", operator: "ann", reason: "r" }, T + 10);
    expect(start(copy(defended.snapshot())).state(T + 20).lockdown).toBe("NONE");
    expect(start(copy(node().snapshot())).state(T).lockdown).toBe("NONE");
  });
});
