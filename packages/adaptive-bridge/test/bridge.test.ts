import type { ShieldEvent } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { nodeTimers } from "../src/adapters/node/index.js";
import {
  type BridgeOptions,
  type BridgeSink,
  BridgeError,
  createAdaptiveBridge,
  createFunctionSink,
  type SinkStats,
} from "../src/index.js";
import { eventOf, ids, idsOf } from "./support/events.js";
import { failingSinks, pendingSink, recordingSink, twiceSink } from "./support/sinks.js";
import { manualTimers } from "./support/timers.js";

const accountedFor = ({ delivered, queued, dropped }: SinkStats): number =>
  delivered +
  queued +
  dropped.queue_full +
  dropped.malformed +
  dropped.sink_failed +
  dropped.refused +
  dropped.set_aside +
  dropped.closed;

function setUp(sinks: readonly BridgeSink[], limits: Partial<BridgeOptions> = {}) {
  const timers = manualTimers();
  const bridge = createAdaptiveBridge({ sinks, timers, personalData: "clear", ...limits });
  const statsOf = (name: string) => bridge.stats().sinks.find((sink) => sink.name === name)!;
  const emit = (from: number, to: number) => {
    for (let n = from; n <= to; n++) bridge.emit(eventOf(n));
  };
  return { timers, bridge, statsOf, emit };
}

/** Hands over what TypeScript would not allow. */
const emitAnything = (bridge: { emit(event: ShieldEvent): void }, value: unknown): void =>
  bridge.emit(value as ShieldEvent);

describe("createAdaptiveBridge", () => {
  const sink = recordingSink().sink;
  const timers = manualTimers();
  it.each<[string, unknown, string]>([
    ["no options", undefined, ""],
    ["no timers", { sinks: [] }, "/timers"],
    ["no sinks", { timers }, "/sinks"],
    ["timers that cannot wait", { sinks: [], timers: { soon: setImmediate } }, "/timers/after"],
    ["a sink without a write", { sinks: [{ name: "a" }], timers }, "/sinks/0/write"],
    ["a sink with a bad name", { sinks: [{ ...sink, name: "A b" }], timers }, "/sinks/0/name"],
    ["two sinks of one name", { sinks: [sink, sink], timers }, "/sinks/1/name"],
    ["a capacity of 0", { sinks: [sink], timers, capacity: 0 }, "/capacity"],
    ["a capacity that is text", { sinks: [sink], timers, capacity: "10" }, "/capacity"],
    ["half a batch", { sinks: [sink], timers, batchSize: 0.5 }, "/batchSize"],
    ["no end of retries", { sinks: [sink], timers, retries: Infinity }, "/retries"],
    ["an unknown option", { sinks: [sink], timers, timeout: 1 }, "/timeout"],
  ])("refuses %s", (_, options, path) => {
    const create = () => createAdaptiveBridge(options as BridgeOptions);
    expect(create).toThrow(BridgeError);
    expect(create).toThrow(expect.objectContaining({ code: "invalid_config", path }));
  });

  it("takes a sink that is an instance of a class", async () => {
    class Store implements BridgeSink {
      readonly name = "store";
      readonly events: ShieldEvent[] = [];
      write(batch: readonly ShieldEvent[]): void {
        this.events.push(...batch);
      }
    }
    const store = new Store();
    const { bridge, timers } = setUp([store]);
    bridge.emit(eventOf(1));
    await timers.turn();
    expect(idsOf(store.events)).toEqual(["e-1"]);
  });
});

describe("emit", () => {
  it("delivers in a later turn, oldest first, in batches, one at a time", async () => {
    const { sink, writes } = pendingSink();
    const write = vi.spyOn(sink, "write");
    const { timers, emit } = setUp([sink], { batchSize: 2 });
    emit(1, 5);
    expect(write).not.toHaveBeenCalled();
    for (let n = 0; n < 3; n++) {
      await timers.turn();
      expect(write).toHaveBeenCalledTimes(n + 1);
      writes[n]!.resolve();
    }
    const batches = (write.mock.calls as unknown as [ShieldEvent[]][]).map(([b]) => idsOf(b));
    expect(batches).toEqual([["e-1", "e-2"], ["e-3", "e-4"], ["e-5"]]);
  });

  it("runs no sink inside the call, even with timers that call at once", async () => {
    const { sink, events } = recordingSink();
    const timers = { ...manualTimers(), soon: (task: () => void) => task() };
    const bridge = createAdaptiveBridge({ sinks: [sink], timers });
    bridge.emit(eventOf(1));
    expect(events()).toEqual([]);
    expect(await bridge.flush(10)).toBe(true);
    expect(idsOf(events())).toEqual(["e-1"]);
  });

  it("schedules again at the next event when the timers fail", async () => {
    const { sink, events } = recordingSink();
    const timers = manualTimers();
    const soon = vi
      .fn((task: () => void) => timers.soon(task))
      .mockImplementationOnce(() => {
        throw new Error("no timers today");
      });
    const bridge = createAdaptiveBridge({ sinks: [sink], timers: { ...timers, soon } });
    bridge.emit(eventOf(1));
    bridge.emit(eventOf(2));
    await timers.turn();
    expect(idsOf(events())).toEqual(["e-1", "e-2"]);
  });

  it("never writes two batches at once, even with timers that call twice", async () => {
    const { sink, writes } = pendingSink();
    const timers = manualTimers();
    const soon = (task: () => void) => {
      timers.soon(task);
      timers.soon(task);
    };
    const bridge = createAdaptiveBridge({
      sinks: [sink],
      timers: { ...timers, soon },
      batchSize: 1,
    });
    bridge.emit(eventOf(1));
    bridge.emit(eventOf(2));
    await timers.turn();
    expect(writes.length).toBe(1);
    writes[0]!.resolve();
    await timers.turn();
    expect(writes.length).toBe(2);
  });

  it("lets the event loop turn between the batches of a sink that never waits", async () => {
    let turns = 0;
    const turnsAtBatch: number[] = [];
    const sink = createFunctionSink("busy", () => void turnsAtBatch.push(turns));
    const bridge = createAdaptiveBridge({ sinks: [sink], timers: nodeTimers, batchSize: 1 });
    for (let n = 1; n <= 20; n++) bridge.emit(eventOf(n));
    const tick = () => {
      turns++;
      if (turnsAtBatch.length < 20) setImmediate(tick);
    };
    setImmediate(tick);
    expect(await bridge.flush(10_000)).toBe(true);
    expect(new Set(turnsAtBatch).size).toBe(20);
  });

  it("drops the oldest of a full queue", async () => {
    const { sink, events } = recordingSink();
    const { timers, emit, statsOf } = setUp([sink], { capacity: 3 });
    emit(1, 10);
    // 10 emitted − 3 that fit = 7 dropped: the oldest ones.
    expect(statsOf("healthy")).toMatchObject({
      emitted: 10,
      queued: 3,
      dropped: { queue_full: 7 },
    });
    await timers.turn();
    expect(idsOf(events())).toEqual(ids(8, 10));
    expect(statsOf("healthy")).toMatchObject({ delivered: 3, queued: 0 });
  });

  it("keeps what is being written when the queue overflows meanwhile", async () => {
    const { sink, writes } = pendingSink();
    const { timers, emit, statsOf } = setUp([sink], { capacity: 2, batchSize: 2 });
    emit(1, 2);
    await timers.turn();
    emit(3, 6);
    // 2 being written + 2 waiting; 3 and 4 had to go.
    expect(statsOf("pending")).toMatchObject({ queued: 4, dropped: { queue_full: 2 } });
    writes[0]!.resolve();
    await timers.turn();
    writes[1]!.resolve();
    await timers.turn();
    expect(statsOf("pending")).toMatchObject({ delivered: 4, queued: 0 });
  });

  it("gives each sink a frozen copy of its own, which no sink can change for another", async () => {
    const vandal = createFunctionSink("vandal", (batch) => {
      (batch[0] as { severity: number }).severity = 0;
    });
    const { sink, events } = recordingSink();
    const { bridge, timers, statsOf } = setUp([vandal, sink], { retries: 0 });
    const event = eventOf(1);
    bridge.emit(event);
    await timers.turn();
    expect(statsOf("vandal").dropped.sink_failed).toBe(1);
    expect(events()).toEqual([event]);
    expect(events()[0]).not.toBe(event);
    expect(Object.isFrozen(events()[0]!.extra["reason_codes"])).toBe(true);
  });

  it("delivers what it read, whatever the caller changes afterwards", async () => {
    const { sink, events } = recordingSink();
    const { bridge, timers } = setUp([sink]);
    let reads = 0;
    const inner = { amount: "1", codes: ["a"] };
    const extra = { inner } as Record<string, unknown>;
    Object.defineProperty(extra, "reads", { get: () => ++reads, enumerable: true });
    const event = { ...eventOf(1), extra } as ShieldEvent;
    bridge.emit(event);
    expect(event.extra).toBe(extra);
    inner.amount = "2";
    inner.codes.push("b");
    extra["later"] = true;
    (event as { severity: number }).severity = 1;
    await timers.turn();
    expect(events()).toMatchObject([
      { severity: 0.55, extra: { inner: { amount: "1", codes: ["a"] }, reads: 1 } },
    ]);
    expect(events()[0]!.extra).not.toHaveProperty("later");
    expect(reads).toBe(1);
  });

  it("drops the oldest when what waits takes too much memory", async () => {
    const { sink, events } = recordingSink();
    const { bridge, timers, statsOf } = setUp([sink], { capacityBytes: 2_000_000 });
    for (let n = 1; n <= 5; n++) bridge.emit(eventOf(n, { extra: { text: "x".repeat(300_000) } }));
    expect(statsOf("healthy")).toMatchObject({ queued: 3, dropped: { queue_full: 2 } });
    await timers.turn();
    expect(idsOf(events())).toEqual(["e-3", "e-4", "e-5"]);
    for (let n = 6; n <= 8; n++) bridge.emit(eventOf(n, { extra: { text: "x".repeat(300_000) } }));
    expect(statsOf("healthy")).toMatchObject({ queued: 3, dropped: { queue_full: 2 } });
  });

  it("takes an absent user_id that is written as undefined", async () => {
    const { sink, events } = recordingSink();
    const { bridge, timers } = setUp([sink]);
    bridge.emit({ ...eventOf(1), user_id: undefined });
    bridge.emit(eventOf(2, { user_id: "u-1" }));
    await timers.turn();
    expect(events()).toEqual([eventOf(1), eventOf(2, { user_id: "u-1" })]);
    expect(Object.keys(events()[0]!)).not.toContain("user_id");
  });

  describe("malformed events", () => {
    const cyclic: Record<string, unknown> = {};
    cyclic["self"] = cyclic;
    const thrower = () => {
      throw new Error("trap");
    };
    const proxyThatThrows = new Proxy(eventOf(1), {
      get: thrower,
      ownKeys: thrower,
      has: thrower,
      getPrototypeOf: thrower,
    });
    const revocable = Proxy.revocable({}, {});
    revocable.revoke();
    const revoked: unknown = revocable.proxy;
    const getter = Object.defineProperty({ ...eventOf(1) }, "severity", { get: thrower });
    const extraWith = (extra: unknown) => ({ ...eventOf(1), extra });
    it.each<[string, unknown]>([
      ["nothing", undefined],
      ["null", null],
      ["a text", "event"],
      ["a function", thrower],
      ["a symbol", Symbol("event")],
      ["an empty object", {}],
      ["an array", [eventOf(1)]],
      ["a severity above 1", { ...eventOf(1), severity: 1.01 }],
      ["a severity below 0", { ...eventOf(1), severity: -0.01 }],
      ["a severity that is NaN", { ...eventOf(1), severity: NaN }],
      ["a severity that is text", { ...eventOf(1), severity: "0.5" }],
      ["an unknown layer", { ...eventOf(1), layer: "wallet" }],
      ["an unknown field", { ...eventOf(1), note: "" }],
      ["an id with white space at its end", { ...eventOf(1), event_id: "e " }],
      ["a proxy whose traps throw", proxyThatThrows],
      ["a revoked proxy", revoked],
      ["a getter that throws", getter],
      ["an extra that is an array", extraWith([])],
      ["an extra that contains itself", extraWith(cyclic)],
      ["an extra with a bigint", extraWith({ amount: 1n })],
      ["an extra with a function", extraWith({ toJSON: () => ({}) })],
      [
        "an extra with an accessor that throws",
        extraWith(Object.defineProperty({}, "a", { get: thrower, enumerable: true })),
      ],
      ["an extra with a hole", extraWith({ a: [1, , 2] })],
      ["an extra with a key that is __proto__", extraWith(JSON.parse('{"__proto__":{}}'))],
      ["an extra with more than 4,096 values", extraWith({ a: Array(4_096).fill(0) })],
      ["an extra with more text than an event may have", extraWith({ a: "x".repeat(512_001) })],
      [
        "an extra that is too deep",
        extraWith(JSON.parse('{"a":'.repeat(40) + "0" + "}".repeat(40))),
      ],
      ["an extra with a date", extraWith({ at: new Date(0) })],
      ["an extra with a revoked proxy", extraWith({ a: revoked })],
      ["an extra with a number JSON has not", extraWith({ a: Infinity })],
      ["a lone surrogate", { ...eventOf(1), fingerprint: "\ud800" }],
    ])("drops %s, counted, on every sink", async (_, value) => {
      const a = recordingSink("a");
      const b = recordingSink("b");
      const { bridge, timers, statsOf } = setUp([a.sink, b.sink]);
      emitAnything(bridge, value);
      bridge.emit(eventOf(2));
      await timers.turn();
      for (const { sink, events } of [a, b]) {
        expect(idsOf(events())).toEqual(["e-2"]);
        expect(statsOf(sink.name)).toMatchObject({
          emitted: 2,
          delivered: 1,
          queued: 0,
          dropped: { malformed: 1, sink_failed: 0 },
        });
      }
    });

    it("never throws, and delivers nothing that is not an event", async () => {
      const { sink, events } = recordingSink();
      const { bridge, timers, statsOf } = setUp([sink]);
      const anything = fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withNullPrototype: true,
        withSparseArray: true,
      });
      const almost = fc.record({
        event_id: fc.oneof(fc.string(), fc.constant("e")),
        layer: fc.constantFrom("adn", "dqsn", "", "x"),
        action: fc.constantFrom("freeze", "Freeze"),
        severity: fc.double(),
        fingerprint: fc.string(),
        extra: fc.oneof(fc.dictionary(fc.string(), anything), anything),
      });
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.oneof(anything, almost), { maxLength: 20 }),
          async (values) => {
            const before = statsOf("healthy").emitted;
            for (const value of values) emitAnything(bridge, value);
            await timers.turn();
            expect(statsOf("healthy").emitted).toBe(before + values.length);
            expect(accountedFor(statsOf("healthy"))).toBe(statsOf("healthy").emitted);
          },
        ),
        { numRuns: 200 },
      );
      expect(events().length).toBe(statsOf("healthy").delivered);
      for (const event of events()) {
        expect(event).toEqual(JSON.parse(JSON.stringify(event)));
        expect(event.severity >= 0 && event.severity <= 1).toBe(true);
      }
    });
  });
});

describe("delivery", () => {
  it.each(failingSinks.map(([sink, error]) => [sink.name, sink, error] as const))(
    "is not held up for a healthy sink by one that %s",
    async (name, sick, error) => {
      const { sink, events } = recordingSink();
      const { timers, emit, statsOf } = setUp([sick, sink], { retries: 1 });
      emit(1, 3);
      await timers.turn();
      expect(idsOf(events())).toEqual(ids(1, 3));
      await timers.advance(60_000);
      expect(statsOf(name)).toMatchObject({
        delivered: 0,
        queued: 0,
        dropped: { sink_failed: 3 },
        last_error: error,
      });
      expect(statsOf("healthy")).toMatchObject({ delivered: 3, last_error: null });
    },
  );

  it("counts the first report of a sink that calls back twice", async () => {
    const { timers, emit, statsOf } = setUp([twiceSink]);
    emit(1, 3);
    await timers.turn();
    expect(statsOf("calls_back_twice")).toMatchObject({
      delivered: 3,
      dropped: { sink_failed: 0 },
    });
  });

  it("tries a batch that was rejected again, after the delay, and keeps the order", async () => {
    const { sink, writes } = pendingSink();
    const write = vi.spyOn(sink, "write");
    const { timers, emit, statsOf } = setUp([sink], { retries: 1, retryDelayMs: 100 });
    emit(1, 1);
    await timers.turn();
    writes[0]!.reject(new Error("busy"));
    await timers.turn();
    emit(2, 2);
    await timers.advance(99);
    expect(write).toHaveBeenCalledTimes(1);
    await timers.advance(1);
    writes[1]!.resolve();
    await timers.turn();
    writes[2]!.resolve();
    await timers.turn();
    const batches = (write.mock.calls as unknown as [ShieldEvent[]][]).map(([b]) => idsOf(b));
    expect(batches).toEqual([["e-1"], ["e-1"], ["e-2"]]);
    expect(statsOf("pending")).toMatchObject({ delivered: 2, dropped: { sink_failed: 0 } });
  });

  it("does not repeat a batch that timed out, and goes on with the next", async () => {
    const { sink, writes } = pendingSink();
    const { timers, emit, statsOf } = setUp([sink], { writeTimeoutMs: 50, batchSize: 1 });
    emit(1, 2);
    await timers.advance(50);
    expect(writes.length).toBe(2);
    writes[1]!.resolve();
    await timers.turn();
    expect(statsOf("pending")).toMatchObject({ delivered: 1, dropped: { sink_failed: 1 } });
    writes[0]!.resolve();
    await timers.turn();
    expect(statsOf("pending")).toMatchObject({ delivered: 1, dropped: { sink_failed: 1 } });
  });

  it("leaves a sink alone with eight hung writes, until one of them ends", async () => {
    const { sink, writes } = pendingSink();
    const { timers, emit, statsOf } = setUp([sink], {
      writeTimeoutMs: 50,
      batchSize: 1,
      capacity: 5,
    });
    emit(1, 5);
    await timers.advance(5 * 50);
    emit(6, 10);
    await timers.advance(1_000);
    expect(writes.length).toBe(8);
    // 8 hung; 9 and 10 wait.
    expect(statsOf("pending")).toMatchObject({ queued: 2, dropped: { sink_failed: 8 } });
    writes[3]!.reject(new Error("at last"));
    await timers.turn();
    expect(writes.length).toBe(9);
  });

  it("adds up on every sink, at every moment, whatever happens", async () => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constant("emit" as const),
          count: fc.integer({ min: 1, max: 9 }),
        }),
      },
      { weight: 2, arbitrary: fc.constant({ kind: "malformed" as const }) },
      { weight: 2, arbitrary: fc.constant({ kind: "bad_extra" as const }) },
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant("pass" as const),
          ms: fc.integer({ min: 0, max: 200 }),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant("settle" as const), ok: fc.boolean() }),
      },
      { weight: 1, arbitrary: fc.constant({ kind: "flush" as const }) },
      { weight: 1, arbitrary: fc.constant({ kind: "close" as const }) },
    );
    const limits = fc.record({
      capacity: fc.integer({ min: 1, max: 8 }),
      batchSize: fc.integer({ min: 1, max: 8 }),
      writeTimeoutMs: fc.integer({ min: 1, max: 100 }),
      retries: fc.integer({ min: 0, max: 2 }),
      retryDelayMs: fc.integer({ min: 0, max: 50 }),
      closeTimeoutMs: fc.integer({ min: 1, max: 300 }),
    });
    await fc.assert(
      fc.asyncProperty(limits, fc.array(step, { maxLength: 30 }), async (bounds, steps) => {
        const healthy = recordingSink();
        const moody = pendingSink("moody");
        const sinks = [healthy.sink, moody.sink, ...failingSinks.map(([sink]) => sink)];
        const { bridge, timers, statsOf } = setUp(sinks, bounds);
        let emitted = 0;
        let closed = false;
        for (const s of steps) {
          if (s.kind === "emit") for (let n = 0; n < s.count; n++) bridge.emit(eventOf(++emitted));
          if (s.kind === "malformed") emitAnything(bridge, { n: ++emitted });
          if (s.kind === "bad_extra")
            emitAnything(bridge, { ...eventOf(++emitted), extra: { a: 1n } });
          if (s.kind === "pass") await timers.advance(s.ms);
          if (s.kind === "settle") {
            const write = moody.writes.shift();
            if (s.ok) write?.resolve();
            else write?.reject(new Error("moody"));
          }
          if (s.kind === "flush") void bridge.flush(50);
          if (s.kind === "close") {
            void bridge.close();
            closed = true;
          }
          for (const stats of bridge.stats().sinks) {
            expect(stats.emitted).toBe(emitted);
            expect(accountedFor(stats)).toBe(emitted);
            expect(stats.queued).toBeLessThanOrEqual(bounds.capacity + bounds.batchSize);
          }
        }
        expect(healthy.events().length).toBe(statsOf("healthy").delivered);
        if (!closed) return;
        await timers.advance(1_000);
        for (const stats of bridge.stats().sinks) expect(stats.queued).toBe(0);
        expect(timers.pending()).toBe(0);
      }),
      { numRuns: 150 },
    );
  });
});

describe("flush", () => {
  it("answers true at once where nothing waits", async () => {
    const { bridge } = setUp([recordingSink().sink]);
    expect(await bridge.flush(0)).toBe(true);
  });

  it("schedules again where the timers failed at the last event", async () => {
    const timers = manualTimers();
    const soon = vi
      .fn((task: () => void) => timers.soon(task))
      .mockImplementationOnce(() => {
        throw new Error("no timers today");
      });
    const { sink, events } = recordingSink();
    const bridge = createAdaptiveBridge({ sinks: [sink], timers: { ...timers, soon } });
    bridge.emit(eventOf(1));
    const flushed = bridge.flush(1_000);
    await timers.turn();
    expect(await flushed).toBe(true);
    expect(idsOf(events())).toEqual(["e-1"]);
  });

  it("answers false when the time is up, and drops nothing", async () => {
    const { sink, writes } = pendingSink();
    const { bridge, timers, emit, statsOf } = setUp([sink, recordingSink().sink]);
    emit(1, 2);
    const flushed = bridge.flush(100);
    await timers.advance(100);
    expect(await flushed).toBe(false);
    expect(statsOf("pending")).toMatchObject({ queued: 2, dropped: { closed: 0 } });
    writes[0]!.resolve();
    await timers.turn();
    expect(statsOf("pending").delivered).toBe(2);
  });

  it("waits for what was emitted before, not for what comes after", async () => {
    const { sink, writes } = pendingSink();
    const { bridge, timers, emit, statsOf } = setUp([sink], { batchSize: 2 });
    emit(1, 3);
    const flushed = bridge.flush(1_000);
    await timers.turn();
    emit(4, 9);
    writes[0]!.resolve();
    await timers.turn();
    writes[1]!.resolve();
    await timers.turn();
    expect(await flushed).toBe(true);
    // 9 emitted − 2 batches of 2.
    expect(statsOf("pending").queued).toBe(5);
  });

  it("is not notified too early by newer events that were dropped", async () => {
    const { sink, writes } = pendingSink();
    const { bridge, timers, emit } = setUp([sink], { capacity: 2, batchSize: 2 });
    emit(1, 2);
    await timers.turn();
    let done = false;
    const flushed = bridge.flush(1_000).finally(() => (done = true));
    emit(3, 9);
    await timers.turn();
    expect(done).toBe(false);
    writes[0]!.resolve();
    await timers.turn();
    expect(await flushed).toBe(true);
  });

  it.each([-1, 0.5, NaN, Infinity, 2 ** 31, "10", undefined])(
    "refuses %s as a timeout",
    async (ms) => {
      const { bridge } = setUp([]);
      await expect(bridge.flush(ms as number)).rejects.toMatchObject({ code: "invalid_timeout" });
    },
  );
});

describe("close", () => {
  it("delivers what is queued, then closes each sink once", async () => {
    const { sink, events } = recordingSink();
    const close = vi.fn(() => Promise.resolve());
    const { bridge, timers, emit } = setUp([{ ...sink, close }], { batchSize: 2 });
    emit(1, 5);
    const closing = bridge.close();
    expect(bridge.close()).toBe(closing);
    await timers.turn();
    await closing;
    expect(idsOf(events())).toEqual(ids(1, 5));
    expect(close).toHaveBeenCalledTimes(1);
    expect(timers.pending()).toBe(0);
  });

  it("counts what is emitted afterwards", async () => {
    const { sink, events } = recordingSink();
    const { bridge, timers, emit, statsOf } = setUp([sink]);
    void bridge.close();
    emit(1, 2);
    emitAnything(bridge, "late and malformed");
    await timers.turn();
    expect(events()).toEqual([]);
    expect(statsOf("healthy")).toMatchObject({
      emitted: 3,
      dropped: { closed: 3, malformed: 0 },
    });
  });

  it("gives up a hung sink when the time is up, counts the rest and leaves no timer", async () => {
    const { sink } = pendingSink("hung");
    const close = () => new Promise<void>(() => undefined);
    const { bridge, timers, emit, statsOf } = setUp([{ ...sink, close }], {
      batchSize: 2,
      closeTimeoutMs: 100,
    });
    emit(1, 5);
    const closing = bridge.close();
    await timers.advance(200);
    await closing;
    expect(statsOf("hung")).toMatchObject({ queued: 0, dropped: { closed: 5, sink_failed: 0 } });
    expect(timers.pending()).toBe(0);
  });

  it.each(["resolve", "reject"] as const)(
    "changes nothing when a write that was given up ends after all: %s",
    async (end) => {
      const { sink, writes } = pendingSink("late");
      const { bridge, timers, emit, statsOf } = setUp([sink], { closeTimeoutMs: 100 });
      emit(1, 2);
      const closing = bridge.close();
      await timers.advance(100);
      await closing;
      writes[0]![end](new Error("late"));
      await timers.advance(10_000);
      expect(writes.length).toBe(1);
      expect(statsOf("late")).toMatchObject({
        delivered: 0,
        dropped: { closed: 2, sink_failed: 0 },
      });
    },
  );

  it("ends a flush that still waits", async () => {
    const { sink } = pendingSink();
    const { bridge, timers, emit } = setUp([sink], { closeTimeoutMs: 100 });
    emit(1, 1);
    const flushed = bridge.flush(1_000_000);
    void bridge.close();
    await timers.advance(100);
    expect(await flushed).toBe(true);
    expect(timers.pending()).toBe(0);
  });

  it("stops a batch that waits for its next try", async () => {
    const write = vi.fn(() => Promise.reject(new Error("down")));
    const { bridge, timers, emit, statsOf } = setUp([{ name: "down", write }], {
      retryDelayMs: 1_000,
      closeTimeoutMs: 100,
    });
    emit(1, 1);
    const closing = bridge.close();
    await timers.advance(5_000);
    await closing;
    expect(write).toHaveBeenCalledTimes(1);
    expect(statsOf("down").dropped).toMatchObject({ closed: 1, sink_failed: 0 });
  });

  it("never rejects, whatever a sink's close does", async () => {
    const close = () => {
      throw new Error("cannot close");
    };
    const { bridge, timers, statsOf } = setUp([{ ...recordingSink().sink, close }]);
    const closing = bridge.close();
    await timers.turn();
    await expect(closing).resolves.toBeUndefined();
    expect(statsOf("healthy").last_error).toBe("cannot close");
  });
});
