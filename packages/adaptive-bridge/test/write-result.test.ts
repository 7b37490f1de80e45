import type { ShieldEvent } from "@dgb-shield/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BridgeOptions, type BridgeSink, createAdaptiveBridge } from "../src/index.js";
import { eventOf, ids, idsOf } from "./support/events.js";
import { failingSinks } from "./support/sinks.js";
import { manualTimers } from "./support/timers.js";

/** A bridge over a sink that answers by a list, then takes everything. */
function scripted(answers: readonly unknown[], limits: Partial<BridgeOptions> = {}) {
  const timers = manualTimers();
  const offered: string[][] = [];
  const taken: ShieldEvent[] = [];
  const sink: BridgeSink = {
    name: "scripted",
    write(batch) {
      const answer = answers[offered.push(idsOf(batch)) - 1] as { done: number } | undefined;
      if (answer === undefined) return void taken.push(...batch);
      taken.push(...batch.slice(0, answer.done));
      return answer;
    },
  };
  const bridge = createAdaptiveBridge({ sinks: [sink], timers, ...limits });
  const emit = (from: number, to: number) => {
    for (let n = from; n <= to; n++) bridge.emit(eventOf(n));
  };
  return { timers, bridge, offered, taken, emit, stats: () => bridge.stats().sinks[0]! };
}

describe("a sink that answers with a result", () => {
  it("is offered what it is not done with again, first, and without a gap", async () => {
    const { timers, emit, offered, taken, stats } = scripted([{ done: 2 }], { batchSize: 4 });
    emit(1, 6);
    await timers.turn();
    expect(offered).toEqual([ids(1, 4), ids(3, 6)]);
    expect(idsOf(taken)).toEqual(ids(1, 6));
    expect(stats()).toMatchObject({ delivered: 6, queued: 0 });
  });

  it("is left alone as long as it requests", async () => {
    const { timers, emit, offered, stats } = scripted([{ done: 1, pauseMs: 500, reason: "busy" }]);
    emit(1, 2);
    await timers.advance(499);
    emit(3, 3);
    expect(offered.length).toBe(1);
    expect(stats()).toMatchObject({ delivered: 1, queued: 2, last_error: "busy" });
    await timers.advance(1);
    expect(offered[1]).toEqual(ids(2, 3));
  });

  it("is never called in a tight loop, though it takes nothing and requests no pause", async () => {
    const { timers, emit, offered } = scripted([{ done: 0 }, { done: 0 }], { retryDelayMs: 0 });
    emit(1, 1);
    await timers.turn();
    expect(offered.length).toBe(1);
    await timers.advance(1);
    expect(offered.length).toBe(2);
  });

  it("has what it refuses counted, apart from what is delivered", async () => {
    const { timers, emit, stats } = scripted([{ done: 3, refused: 2, reason: "no such wallet" }]);
    emit(1, 3);
    await timers.turn();
    expect(stats()).toMatchObject({
      delivered: 1,
      dropped: { refused: 2, sink_failed: 0 },
      last_error: "no such wallet",
    });
  });

  it("loses the oldest of what it did not take where newer events have the room", async () => {
    const timers = manualTimers();
    const offered: string[][] = [];
    const answers: ((answer: { done: number }) => void)[] = [];
    const write: BridgeSink["write"] = (batch) => {
      offered.push(idsOf(batch));
      return new Promise((resolve) => answers.push(resolve));
    };
    const sinks = [{ name: "slow", write }];
    const bridge = createAdaptiveBridge({ sinks, timers, capacity: 4, batchSize: 3 });
    for (let n = 1; n <= 3; n++) bridge.emit(eventOf(n));
    await timers.turn();
    for (let n = 4; n <= 6; n++) bridge.emit(eventOf(n));
    answers[0]!({ done: 0 });
    await timers.advance(250);
    expect(offered).toEqual([ids(1, 3), ids(3, 5)]);
    expect(bridge.stats().sinks[0]).toMatchObject({ queued: 4, dropped: { queue_full: 2 } });
  });

  it("is notified by its signal when a write is given up: in time, or by close", async () => {
    const timers = manualTimers();
    const signals: AbortSignal[] = [];
    const hung: BridgeSink = {
      name: "hung",
      write: (_, { signal }) => (signals.push(signal), new Promise<void>(() => undefined)),
    };
    const bridge = createAdaptiveBridge({
      sinks: [hung],
      timers,
      batchSize: 1,
      writeTimeoutMs: 50,
      closeTimeoutMs: 10,
    });
    bridge.emit(eventOf(1));
    bridge.emit(eventOf(2));
    await timers.turn();
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    await timers.advance(50);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    const closed = bridge.close();
    await timers.advance(10);
    await closed;
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(timers.pending()).toBe(0);
  });

  it("has what it never took counted as closed, where it is pausing when the bridge closes", async () => {
    const { timers, bridge, emit, stats } = scripted([{ done: 0, pauseMs: 60_000 }], {
      closeTimeoutMs: 100,
    });
    emit(1, 3);
    await timers.turn();
    const closed = bridge.close();
    await timers.advance(100);
    await closed;
    expect(stats()).toMatchObject({ delivered: 0, queued: 0, dropped: { closed: 3 } });
    expect(timers.pending()).toBe(0);
  });

  const trap = () => {
    throw new Error("trap");
  };
  it.each<[string, unknown, number, number]>([
    ["a number", 0, 3, 0],
    ["an iterator's result", { done: true }, 3, 0],
    ["half an event", { done: 1.5 }, 3, 0],
    ["NaN", { done: NaN }, 3, 0],
    ["more than there was", { done: 9, refused: 9 }, 0, 3],
    ["more refused than done", { done: 3, refused: 7 }, 0, 3],
    ["refused that is text", { done: 3, refused: "1" }, 3, 0],
    ["a pause without end", { done: 3, pauseMs: Infinity }, 3, 0],
  ])("is held to its bounds: %s", async (_, answer, delivered, refused) => {
    const { timers, emit, stats } = scripted([answer]);
    emit(1, 3);
    await timers.turn();
    expect(stats()).toMatchObject({ delivered, queued: 0, dropped: { refused, sink_failed: 0 } });
  });

  it("fails its batch where the result throws when it is read", async () => {
    const proxy = new Proxy({}, { get: (_, key) => (key === "then" ? undefined : trap()) });
    const timers = manualTimers();
    const sinks = [{ name: "trap", write: () => proxy as { done: number } }];
    const bridge = createAdaptiveBridge({ sinks, timers, retries: 0 });
    bridge.emit(eventOf(1));
    await timers.turn();
    expect(bridge.stats().sinks[0]).toMatchObject({
      dropped: { sink_failed: 1 },
      last_error: "trap",
    });
  });
});

describe("every sink, under any schedule", () => {
  const answer = fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    {
      weight: 4,
      arbitrary: fc.record(
        {
          done: fc.integer({ min: -1, max: 9 }),
          refused: fc.integer({ min: -1, max: 9 }),
          pauseMs: fc.integer({ min: -1, max: 200 }),
        },
        { requiredKeys: ["done"] },
      ),
    },
    { weight: 1, arbitrary: fc.anything() },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: failingSinks.length - 1 }) },
  );
  const step = fc.oneof(
    fc.record({ kind: fc.constant("emit" as const), n: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ kind: fc.constant("pass" as const), n: fc.integer({ min: 0, max: 300 }) }),
    fc.record({ kind: fc.constant("large" as const), n: fc.constant(1) }),
  );
  const limits = fc.record({
    capacity: fc.integer({ min: 1, max: 12 }),
    batchSize: fc.integer({ min: 1, max: 8 }),
    writeTimeoutMs: fc.integer({ min: 1, max: 100 }),
    retries: fc.integer({ min: 0, max: 2 }),
    retryDelayMs: fc.integer({ min: 0, max: 50 }),
    capacityBytes: fc.constant(2_000_000),
  });

  it("has emitted = delivered + queued + dropped at all times, in bounded memory, in order", async () => {
    await fc.assert(
      fc.asyncProperty(
        limits,
        fc.array(fc.array(answer, { maxLength: 12 }), { minLength: 1, maxLength: 3 }),
        fc.array(step, { maxLength: 25 }),
        async (bounds, scripts, steps) => {
          const timers = manualTimers();
          const offered: number[][] = scripts.map(() => []);
          const sinks = scripts.map((script, i): BridgeSink => {
            let calls = 0;
            return {
              name: `sink_${i}`,
              write(batch, context) {
                offered[i]!.push(...batch.map(({ event_id }) => Number(event_id.slice(2))));
                const said = script[calls++];
                if (typeof said !== "number") return said as undefined;
                return failingSinks[said]?.[0].write(batch, context);
              },
            };
          });
          const bridge = createAdaptiveBridge({ sinks, timers, ...bounds });
          let emitted = 0;
          const check = () => {
            for (const { emitted: counted, delivered, queued, dropped } of bridge.stats().sinks) {
              const lost = Object.values(dropped).reduce((a, b) => a + b, 0);
              expect(counted).toBe(emitted);
              expect(delivered + queued + lost).toBe(emitted);
              expect(queued).toBeLessThanOrEqual(bounds.capacity + bounds.batchSize);
            }
          };
          for (const { kind, n } of steps) {
            const text = kind === "large" ? "x".repeat(400_000) : "";
            if (kind !== "pass") {
              for (let i = 0; i < n; i++) bridge.emit(eventOf(++emitted, { extra: { text } }));
            } else await timers.advance(n);
            check();
          }
          await timers.advance(60_000);
          check();
          // What was taken may be offered again, as a test of the sink; what is new comes in order.
          for (const order of offered) {
            const distinct = [...new Set(order)];
            expect(distinct).toEqual([...distinct].sort((a, b) => a - b));
          }
          const closed = bridge.close();
          await timers.advance(20_000);
          await closed;
          check();
          for (const { queued } of bridge.stats().sinks) expect(queued).toBe(0);
          expect(timers.pending()).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  }, 60_000);
});
